// SPDX-License-Identifier: Apache-2.0
// There is always an active administrator, whoever tries what at the same time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';
import { administrator } from './administrator.ts';

const stack = useStack({ relays: ['a'], config: { admin_workers: 3 } });

test('the last one cannot step down, be deactivated, or be both', async () => {
  const admin = await administrator(stack);
  for (const body of [{ admin: false }, { deactivated: true }, { admin: false, deactivated: true, display_name: 'Gone' }]) {
    expectProblem(await admin.patch(`/api/admin/accounts/${admin.id}`, body), 409, 'last_admin');
  }
  assert.equal(expectStatus(await admin.get('/api/me'), 200).account.display_name, 'The Admin');
  const ada = await stack.person('ada');
  expectStatus(await admin.patch(`/api/admin/accounts/${ada.id}`, { admin: true, deactivated: true }), 200);
  expectProblem(await admin.patch(`/api/admin/accounts/${admin.id}`, { admin: false }), 409, 'last_admin');
  expectStatus(await admin.patch(`/api/admin/accounts/${ada.id}`, { deactivated: false }), 200);
  expectStatus(await admin.patch(`/api/admin/accounts/${admin.id}`, { admin: false }), 200);
  expectProblem(await admin.patch(`/api/admin/accounts/${admin.id}`, { admin: true }), 403, 'forbidden');
  await stack.db.query('UPDATE parley.account SET admin = false');
});

test('of several who put each other out at once, one stays', async () => {
  const admins = await Promise.all(Array.from({ length: 3 }, () => administrator(stack)));
  const answers = await Promise.all(admins.map((admin, i) => admin.patch(`/api/admin/accounts/${admins[(i + 1) % 3]!.id}`, { deactivated: true })));
  const [{ left }] = await stack.db.query<{ left: number }>('SELECT count(*)::int AS left FROM parley.account WHERE admin AND deactivated IS NULL') as [{ left: number }];
  assert.ok(left >= 1, `${left} left`);
  for (const answer of answers) assert.ok([200, 401, 403, 409].includes(answer.status), `${answer.status} ${JSON.stringify(answer.body)}`);
  await stack.db.query('UPDATE parley.account SET admin = false');
});

test('of two who both step down, one stays', async () => {
  const admins = [await administrator(stack), await administrator(stack)];
  const answers = await Promise.all(admins.map((admin) => admin.patch(`/api/admin/accounts/${admin.id}`, { admin: false })));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 409]);
});
