// SPDX-License-Identifier: Apache-2.0
// Login sessions: the list, revoking one, logging out; the live connections of what has ended end within two seconds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { type Person, useStack } from '../../lib/stack.ts';

const stack = useStack();

async function again(person: Person): Promise<{ token: string; id: string }> {
  const { token, session } = expectStatus(await stack.api().post('/api/login', { login: person.login, password: person.password, bearer: true }), 200);
  return { token, id: session.id };
}

/** A live connection on each relay, said hello; resolves to how and after how many ms they ended. */
async function connected(token: string): Promise<() => Promise<void>> {
  const lives = stack.relays.map((relay) => stack.open('ws', { token }, relay));
  await Promise.all(lives.map((live) => live.hello()));
  return async () => {
    const start = performance.now();
    const endings = await Promise.all(lives.map((live) => live.end()));
    assert.ok(performance.now() - start < 2000, `took ${performance.now() - start} ms`);
    assert.deepEqual(endings.map((ending) => ending.code), lives.map(() => 4002));
    for (const live of lives) assert.equal((await live.seen('bye')).reason, 'revoked');
  };
}

test('the list names one\'s own sessions, the one in use among them', async () => {
  const ada = await stack.person('ada');
  const phone = await again(ada);
  await stack.person('bob');
  const { sessions } = expectStatus(await ada.get('/api/sessions'), 200);
  assert.deepEqual(sessions.map((row: { id: string }) => row.id)[0], phone.id);
  assert.deepEqual(sessions.map((row: { current: boolean }) => row.current), [false, true]);
  for (const row of sessions) {
    assert.deepEqual(Object.keys(row).sort(), ['created', 'current', 'device', 'expires', 'id', 'last_seen']);
    for (const time of [row.created, row.last_seen, row.expires]) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
});

test('one is revoked, and is dead at once', async () => {
  const ada = await stack.person('ada');
  const phone = await again(ada);
  const ended = await connected(phone.token);
  expectStatus(await ada.delete(`/api/sessions/${phone.id}`), 204);
  expectProblem(await stack.api(phone.token).get('/api/me'), 401, 'unauthenticated');
  await ended();
  expectProblem(await ada.delete(`/api/sessions/${phone.id}`), 404, 'not_found');
  assert.equal(expectStatus(await ada.get('/api/sessions'), 200).sessions.length, 1);
});

test('another account\'s session is not to be found', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const [row] = expectStatus(await bob.get('/api/sessions'), 200).sessions;
  expectProblem(await ada.delete(`/api/sessions/${row.id}`), 404, 'not_found');
  for (const id of ['0', '01', '-1', 'x', '9223372036854775808', `${row.id} `, '1e3']) {
    expectProblem(await ada.delete(`/api/sessions/${encodeURIComponent(id)}`), 404, 'not_found');
  }
  expectStatus(await bob.get('/api/me'), 200);
});

test('logging out ends the session, its cookie and its live connections', async () => {
  const ada = await stack.person('ada');
  const other = await again(ada);
  const ended = await connected(ada.token!);
  const answer = await ada.post('/api/logout');
  expectStatus(answer, 204);
  assert.match(answer.headers.get('set-cookie')!, /^parley_session=; Path=\/; Max-Age=0; HttpOnly; SameSite=Lax$/);
  await ended();
  expectProblem(await ada.post('/api/logout'), 401, 'unauthenticated');
  expectStatus(await stack.api(other.token).get('/api/me'), 200);
});

test('logging out needs no body and takes any', async () => {
  const ada = await stack.person('ada');
  expectStatus(await stack.api((await again(ada)).token).call('POST', '/api/logout'), 204);
  expectStatus(await stack.api((await again(ada)).token).post('/api/logout', { a: 1 }), 204);
});

test('an unused session ends, and one that is a year old', async () => {
  const ada = await stack.person('ada');
  await stack.db.query(`UPDATE parley.session SET last_seen = now() - interval '30 days 1 second', created = now() - interval '60 days' WHERE account_id = $1`, [ada.id]);
  expectProblem(await ada.get('/api/me'), 401, 'unauthenticated');
  await stack.db.query(`UPDATE parley.session SET last_seen = now() - interval '29 days' WHERE account_id = $1`, [ada.id]);
  expectStatus(await ada.get('/api/me'), 200);
  const [row] = expectStatus(await ada.get('/api/sessions'), 200).sessions;
  assert.ok(Date.parse(row.expires) > Date.now() + 29 * 86_400_000, 'used: it lives on');
  await stack.db.query(`UPDATE parley.session SET last_seen = now(), created = now() - interval '1 year 1 second' WHERE account_id = $1`, [ada.id]);
  expectProblem(await ada.get('/api/me'), 401, 'unauthenticated');
});

test('without a good credential everything is 401', async () => {
  const bad = [null, 'x', 'A'.repeat(43), `${'A'.repeat(43)}=`];
  for (const [method, path, body] of [['GET', '/api/me'], ['PATCH', '/api/me', {}], ['GET', '/api/sessions'], ['DELETE', '/api/sessions/1'], ['POST', '/api/logout', {}],
    ['POST', '/api/password', {}], ['GET', '/api/accounts'], ['GET', '/api/accounts?ids=x'], ['GET', '/api/relays']] as const) {
    for (const token of bad) {
      const answer = await stack.api(token).call(method, path, body);
      expectProblem(answer, 401, 'unauthenticated');
      assert.ok(answer.headers.get('www-authenticate'), 'says how');
    }
  }
});
