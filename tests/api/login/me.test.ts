// SPDX-License-Identifier: Apache-2.0
// GET and PATCH /api/me.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';

const stack = useStack();

test('a new name is everybody\'s to see', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const display_name = 'Ada "A" <Lovelace> ©';
  const { account } = expectStatus(await ada.patch('/api/me', { display_name }), 200);
  assert.deepEqual(account, { id: ada.id, login: ada.login, display_name });
  assert.deepEqual(expectStatus(await ada.get('/api/me'), 200), { account });
  assert.deepEqual(expectStatus(await bob.get(`/api/accounts?ids=${ada.id}`), 200), { accounts: [account] });
});

test('it reaches the account\'s other devices, in their order, and those that were away', async () => {
  const ada = await stack.person('ada');
  const live = stack.open('ws', ada, 'b');
  const welcome = await live.hello();
  expectStatus(await ada.patch('/api/me', { display_name: 'One' }), 200);
  const first = await live.next('account');
  expectStatus(await ada.patch('/api/me', { display_name: 'Two' }), 200);
  const second = await live.next('account');
  assert.deepEqual([first.account.display_name, second.account.display_name], ['One', 'Two']);
  assert.deepEqual([first.account_mod, second.account_mod], [welcome.account_mod + 1, welcome.account_mod + 2]);
  const later = stack.open('ws', ada, 'a');
  later.send({ type: 'hello', account_mod: welcome.account_mod });
  const known = await later.next('account');
  assert.deepEqual([known.account.display_name, known.account_mod], ['Two', welcome.account_mod + 2]);
});

test('who watches the account is told to look again', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const live = stack.open('ws', bob, 'b');
  await live.hello();
  live.send({ type: 'watch', accounts: [ada.id] });
  assert.equal((await live.next('presence', (event) => event.account === ada.id)).profile_mod, undefined);
  expectStatus(await ada.patch('/api/me', { display_name: 'Another name' }), 200);
  assert.equal((await live.next('presence', (event) => event.account === ada.id)).profile_mod, 1);
});

test('what is not said stays, and what is so already is no change', async () => {
  const ada = await stack.person('ada');
  const mod = async (): Promise<string> =>
    (await stack.db.query<{ account_mod: string }>('SELECT account_mod FROM parley.account_sync WHERE account_id = $1', [ada.id]))[0]!.account_mod;
  const before = await mod();
  for (const body of [{}, { display_name: null }, { display_name: 'ada' }, { login: 'other', admin: true, unknown: 7 }]) {
    assert.deepEqual(expectStatus(await ada.patch('/api/me', body), 200).account, { id: ada.id, login: ada.login, display_name: 'ada' });
  }
  assert.equal(await mod(), before);
});

test('a name keeps the rules', async () => {
  const ada = await stack.person('ada');
  for (const display_name of ['', '  ', 7, ['x'], 'x'.repeat(81), 'a\u0000b', 'a\rb', 'a\u202eb']) {
    assert.equal((await ada.patch('/api/me', { display_name })).status, 400, JSON.stringify(display_name));
  }
  expectProblem(await ada.call('PATCH', '/api/me', undefined, { raw: '[]' }), 400, 'invalid');
  const answer = await ada.delete('/api/me');
  expectProblem(answer, 405, 'method_not_allowed');
  assert.equal(answer.headers.get('allow'), 'GET, HEAD, PATCH');
});
