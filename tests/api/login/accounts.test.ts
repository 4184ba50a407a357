// SPDX-License-Identifier: Apache-2.0
// GET /api/accounts: the directory, and people by id.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { type Person, useStack } from '../../lib/stack.ts';

const stack = useStack({ relays: ['a'] });
const logins = (body: { accounts: { login: string }[] }): string[] => body.accounts.map((account) => account.login);

async function find(person: Person, query: Record<string, string | number>): Promise<{ accounts: { id: string; login: string }[]; more: boolean }> {
  return expectStatus(await person.get(`/api/accounts?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}`), 200);
}

test('people are found by any part of login or name, in any case', async () => {
  const ada = await stack.person('finder', { display_name: 'Zoë Ünlü-Quatermain' });
  for (const q of [ada.login, 'quater', 'QUATER', 'zoë ünl', 'ZOË', ' ünlü ', 'zoë  quatermain']) {
    const { accounts, more } = await find(ada, { q });
    assert.deepEqual([accounts, more], [[{ id: ada.id, login: ada.login, display_name: 'Zoë Ünlü-Quatermain' }], false], q);
  }
  assert.deepEqual(await find(ada, { q: 'quatermain zoë' }), { accounts: [], more: false });
});

test('wildcards are letters', async () => {
  const odd = await stack.person('odd_one', { display_name: '50% \\ done' });
  await stack.person('oddxone');
  assert.deepEqual(logins(await find(odd, { q: 'odd_one' })), [odd.login]);
  assert.deepEqual(logins(await find(odd, { q: '50%' })), [odd.login]);
  assert.deepEqual(logins(await find(odd, { q: '\\ d' })), [odd.login]);
});

test('pages name everybody once', async () => {
  const people: Person[] = [];
  for (let i = 0; i < 7; i++) people.push(await stack.person('paged'));
  const seen: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await find(people[0]!, { q: 'paged', limit: 3, ...(after ? { after } : {}) });
    seen.push(...logins(page));
    if (!page.more) break;
    assert.equal(page.accounts.length, 3);
    after = page.accounts.at(-1)!.id;
  }
  assert.deepEqual(seen, people.map((person) => person.login).sort());
});

test('a limit above the most means the most', async () => {
  const ada = await stack.person('ada');
  await stack.db.query(`SELECT parley._account_create('bulk.' || i, 'Bulk', 'none', false, false) FROM generate_series(1, 250) i`);
  assert.equal((await find(ada, { q: 'bulk.', limit: 100_000 })).accounts.length, 200);
  assert.equal((await find(ada, { q: 'bulk.' })).accounts.length, 50);
  for (const query of ['limit=0', 'limit=-1', 'limit=x', 'limit=', 'after=0', 'after=x', `after=${'9'.repeat(18)}`, `q=${'x'.repeat(101)}`, 'q=%ff', 'q=%00', 'q=%']) {
    assert.equal((await ada.get(`/api/accounts?${query}`)).status, 400, query);
  }
});

test('who left is not found, but known by id', async () => {
  const [ada, gone] = [await stack.person('ada'), await stack.person('gone', { display_name: 'Gone Girl' })];
  await stack.db.query('UPDATE parley.account SET deactivated = now() WHERE id = $1', [gone.id]);
  assert.deepEqual(await find(ada, { q: gone.login }), { accounts: [], more: false });
  const { accounts } = await find(ada, { ids: `${gone.id},${ada.id},1,${ada.id}` });
  assert.deepEqual(accounts, [{ id: ada.id, login: ada.login, display_name: 'ada' }, { id: gone.id, login: gone.login, display_name: 'Gone Girl', deactivated: true }]);
});

test('at most 200 ids, each of them one', async () => {
  const ada = await stack.person('ada');
  const many = (n: number): string => Array.from({ length: n }, (_, i) => i + 1).join(',');
  expectStatus(await ada.get(`/api/accounts?ids=${many(200)}`), 200);
  for (const ids of [many(201), 'x', '1,,2', '1,-2', '0', '9223372036854775808', '1 2']) {
    expectProblem(await ada.get(`/api/accounts?ids=${encodeURIComponent(ids)}`), 400, 'invalid');
  }
});
