// SPDX-License-Identifier: Apache-2.0
// GET /api/relays and GET /api/health: what is alive, judged within ten seconds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';
import { until } from '../../lib/wait.ts';

const stack = useStack();
const names = async (person: { get: (path: string) => Promise<any> }): Promise<string[]> =>
  expectStatus<any>(await person.get('/api/relays'), 200).relays.map((relay: { name: string }) => relay.name).sort();

test('the relays are told, each with its address here', async () => {
  const ada = await stack.person('ada');
  assert.deepEqual(await names(ada), ['a', 'b']);
  for (const relay of expectStatus(await ada.get('/api/relays'), 200).relays) {
    assert.deepEqual(Object.keys(relay).sort(), ['load', 'name', 'region', 'url']);
    assert.equal(relay.url, `/live/${relay.name}`);
    assert.equal(typeof relay.load, 'number');
  }
});

test('health asks nobody who they are', async () => {
  assert.equal(expectStatus(await stack.api().get('/api/health'), 200).status, 'ok');
  expectStatus(await stack.api('x').get('/api/health'), 200);
  const head = await fetch(`${stack.url}/api/health`, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  expectProblem(await stack.api().post('/api/health'), 405, 'method_not_allowed');
});

test('a relay that dies is gone within ten seconds, and health with the last', async () => {
  const ada = await stack.person('ada');
  await stack.daemon('relay-a').stop('SIGKILL');
  await until('relay a is gone', async () => (await names(ada)).join() === 'b', 10_000);
  expectStatus(await stack.api().get('/api/health'), 200);
  await stack.daemon('relay-b').stop('SIGKILL');
  const live = await ada.post('/live/poll', { session: null, commands: [{ type: 'hello' }] });
  assert.ok(expectProblem(live, 503, 'unavailable').retry_after! > 0, 'said by the web server');
  const answer = await until('health', async () => {
    const health = await stack.api().get('/api/health');
    return health.status === 503 && health;
  }, 10_000);
  expectProblem(answer, 503, 'unavailable');
  assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  assert.deepEqual(await names(ada), []);
  await stack.startRelay('a');
  await until('health', async () => (await stack.api().get('/api/health')).status === 200);
  assert.deepEqual(await names(ada), ['a']);
  await stack.startRelay('b');
});

test('a program that is away is 503 with Retry-After, and its routes alone', async () => {
  const ada = await stack.person('ada');
  await stack.daemon('groups').stop('SIGTERM');
  const answer = await ada.get('/api/conversations');
  expectProblem(answer, 503, 'unavailable');
  assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  expectStatus(await ada.get('/api/me'), 200);
  await stack.startProgram('groups');
  await until('back', async () => (await ada.get('/api/conversations')).status === 200);
});
