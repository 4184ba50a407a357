// SPDX-License-Identifier: Apache-2.0
//
// Stopping and starting again: cleanly, after kill -9 of the supervisor, after DATA went, after a restore; and purge.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { after, test } from 'node:test';
import { Api, expectStatus } from '../lib/http.ts';
import { until } from '../lib/wait.ts';
import { Instance } from './instance.ts';

const one = await Instance.make();
after(() => one.remove());

const gone = (pids: Iterable<number>): boolean => [...pids].every((pid) => !existsSync(`/proc/${pid}`));

test('a clean stop leaves nothing running, and a later start is quick', async () => {
  await one.start();
  const [pids, supervision] = [[...one.services().values()], one.supervision()];
  one.signal('SIGINT'); // Ctrl-C reaches it from the terminal and again through make
  assert.equal(await one.stop(), 0);
  assert.ok(gone(pids) && !existsSync(supervision), 'something is left');
  const seconds = await one.start();
  // The promise is 5 s on a machine that does nothing else; what else it does takes its share.
  const most = 5 * Math.max(1, loadavg()[0]!);
  assert.ok(seconds < most, `a later start took ${seconds} s`);
});

test('kill -9 of the supervisor: nothing is left, and a start after it carries on', async () => {
  const pids = [...one.services().values()];
  await one.stop('SIGKILL');
  await until('what it started ends too', () => gone(pids), 60_000);
  await one.start();
  assert.ok(await one.healthy());
});

test('kill -9 of the supervisor and an immediate start', async () => {
  one.signal('SIGKILL');
  await one.start();
  assert.ok(await one.healthy());
});

test('a start clears what is left of an instance whose DATA is gone, and nothing of a live one; it ends when its own DATA goes', async () => {
  const [two, three] = [await Instance.make(), await Instance.make()];
  const live = [...one.services().values()];
  try {
    await two.start();
    const [left, pids] = [two.supervision(), [...two.services().values()]];
    await two.stop('SIGKILL');
    await until('what it started ends too', () => gone(pids), 60_000);
    await two.remove();
    assert.ok(existsSync(left));
    await three.start();
    assert.ok(!existsSync(left) && !existsSync(left.replace('.super', '')));
    assert.deepEqual([...one.services().values()], live);

    const [own, threes] = [three.supervision(), [...three.services().values()]];
    rmSync(three.data, { recursive: true });
    assert.equal(await three.ended, 11);
    assert.ok(gone(threes) && !existsSync(own));
  } finally {
    await Promise.all([two.remove(), three.remove()]);
  }
});

test('a start that waits for a service ends when its DATA is removed', async () => {
  const two = await Instance.make();
  const stub = `${two.data}.bin`;
  mkdirSync(stub);
  writeFileSync(`${stub}/nginx`, '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
  const started = two.run(['start'], { PATH: `${stub}:${process.env.PATH}` });
  await until('it waits', () => existsSync(`${two.data}/running`), 60_000);
  await two.remove();
  const { code, output } = await started;
  assert.equal(code, 11, output);
  assert.match(output, /was removed: stopping/);
});

test('a first start with the sample that was interrupted is finished by the next', async () => {
  const two = await Instance.make();
  try {
    const interrupted = assert.rejects(two.start({ DEMO: '1' }));
    await until('it adds the sample', () => two.output.includes('adding the sample'), 120_000);
    await two.stop('SIGKILL');
    await interrupted;
    await two.start();
    assert.match(two.output, /adding the sample/);
    const password = readFileSync(`${two.data}/demo-password`, 'utf8').trim();
    const { token } = expectStatus(await new Api(two.url).post('/api/login', { login: 'ada', password, bearer: true }), 200);
    assert.ok(expectStatus(await new Api(two.url, token).get('/api/conversations'), 200).conversations.length > 5);
  } finally {
    await two.remove();
  }
});

test('a backup is restored into the stopped instance, and purge removes all after the name is typed', async () => {
  const file = `${one.data}.dump`;
  assert.equal((await one.run(['backup', file])).code, 0);
  await stopOther();
  const restored = await one.run(['restore', file]);
  assert.equal(restored.code, 0, restored.output);
  rmSync(file);
  assert.equal((await one.run(['purge'], {}, 'no\n')).code, 64);
  assert.ok(existsSync(one.data));
  assert.equal((await one.run(['purge'], {}, 'data\n')).code, 0);
  assert.ok(!existsSync(one.data));
});

/** The start is not the last child of `one` any more: end it by the pid it wrote. */
async function stopOther(): Promise<void> {
  const pid = Number(readFileSync(`${one.data}/running`, 'utf8').split('\n')[0]);
  process.kill(pid, 'SIGTERM');
  await until('it stops', () => !existsSync(`${one.data}/running`) && !existsSync(`/proc/${pid}`), 60_000);
}
