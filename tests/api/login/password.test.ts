// SPDX-License-Identifier: Apache-2.0
// POST /api/password: a change ends every other session, at once and on every relay.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { type Person, useStack } from '../../lib/stack.ts';

const stack = useStack();
const login = (person: Person, password: string): Promise<number> =>
  stack.api().post('/api/login', { login: person.login, password }).then((answer) => answer.status);

test('a new password counts, the old one does not', async () => {
  const ada = await stack.person('ada');
  expectStatus(await ada.post('/api/password', { current: ada.password, new: 'another password' }), 204);
  assert.deepEqual([await login(ada, ada.password), await login(ada, 'another password')], [401, 200]);
});

test('every other session ends at once, with its live connections; this one goes on', async () => {
  const ada = await stack.person('ada');
  const { token } = expectStatus(await stack.api().post('/api/login', { login: ada.login, password: ada.password, bearer: true }), 200);
  const [other, own] = [stack.open('ws', { token }, 'b'), stack.open('ws', ada, 'a')];
  await Promise.all([other.hello(), own.hello()]);
  expectStatus(await ada.post('/api/password', { current: ada.password, new: 'another password' }), 204);
  expectProblem(await stack.api(token).get('/api/me'), 401, 'unauthenticated');
  const start = performance.now();
  assert.equal((await other.end()).code, 4002);
  assert.ok(performance.now() - start < 2000);
  expectStatus(await ada.get('/api/me'), 200);
  await own.settle();
});

test('a wrong current password changes nothing', async () => {
  const ada = await stack.person('ada');
  for (const current of ['another password', '', `${ada.password} `]) {
    expectProblem(await ada.post('/api/password', { current, new: 'another password' }), 403, 'wrong_password');
  }
  assert.equal(await login(ada, ada.password), 200);
});

test('a new password keeps the rules', async () => {
  const ada = await stack.person('ada');
  for (const more of [{ new: 'too short' }, { new: 'x'.repeat(1025) }, { new: 7 }, { new: undefined }, { current: undefined }, { current: 7 }, { current: 'x'.repeat(1025) }]) {
    expectProblem(await ada.post('/api/password', { current: ada.password, new: 'another password', ...more }), 400, 'invalid');
  }
  expectStatus(await ada.post('/api/password', { current: ada.password, new: 'é'.repeat(5) }), 204);
});

test('of two changes at once one wins, and only its session is left', async () => {
  const ada = await stack.person('ada');
  const { token } = expectStatus(await stack.api().post('/api/login', { login: ada.login, password: ada.password, bearer: true }), 200);
  const answers = await Promise.all([ada.token, token].map((t, i) => stack.api(t).post('/api/password', { current: ada.password, new: `another password ${i}` })));
  const won = answers.map((answer) => answer.status).indexOf(204);
  assert.ok(won >= 0 && [401, 403].includes(answers[1 - won]!.status), JSON.stringify(answers.map((answer) => answer.status)));
  assert.equal(await login(ada, `another password ${won}`), 200);
  expectProblem(await stack.api([ada.token, token][1 - won]!).get('/api/me'), 401, 'unauthenticated');
});

test('a login with the old password that is under way while it changes opens nothing that lasts', async () => {
  const ada = await stack.person('ada');
  const [, ...logins] = await Promise.all([ada.post('/api/password', { current: ada.password, new: 'another password' }),
    ...Array.from({ length: 6 }, () => stack.api().post('/api/login', { login: ada.login, password: ada.password, bearer: true }))]);
  for (const answer of logins) {
    if (answer.status === 200) expectProblem(await stack.api(answer.body.token).get('/api/me'), 401, 'unauthenticated');
    else assert.equal(answer.status, 401);
  }
});

test('a temporary password is changed into another one, and the devices hear of it', async () => {
  const ada = await stack.person('ada');
  await stack.db.query('UPDATE parley.credential SET must_change_password = true WHERE account_id = $1', [ada.id]);
  const problem = expectProblem(await ada.post('/api/password', { current: ada.password, new: ada.password }), 400, 'invalid');
  assert.match(problem.detail!, /^new: /);
  expectProblem(await ada.get('/api/relays'), 403, 'password_change');
  expectStatus(await ada.post('/api/password', { current: ada.password, new: 'another password' }), 204);
  assert.equal(expectStatus(await ada.get('/api/me'), 200).account.must_change_password, undefined);
  expectStatus(await ada.get('/api/relays'), 200);
});
