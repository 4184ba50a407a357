// SPDX-License-Identifier: Apache-2.0
// GET /api/admin/relays and GET /api/admin/audit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';
import { administrator } from './administrator.ts';

const stack = useStack();

test('the relays, with their load and the age of their last beat', async () => {
  const admin = await administrator(stack);
  const { relays } = expectStatus(await admin.get('/api/admin/relays'), 200);
  assert.deepEqual(relays.map((relay: { name: string }) => relay.name), ['a', 'b']);
  for (const relay of relays) {
    assert.deepEqual(Object.keys(relay).sort(), ['age', 'alive', 'beat', 'load', 'name', 'region', 'url']);
    assert.ok(relay.alive && relay.age >= 0 && relay.age < 7 && typeof relay.load === 'number');
  }
  await stack.db.query(`INSERT INTO parley.relay_node (name, incarnation, url, beat) VALUES ('z', 1, '/live/z', now() - interval '6.99 seconds' - interval '1 second')`);
  const after = expectStatus(await admin.get('/api/admin/relays'), 200).relays.find((relay: { name: string }) => relay.name === 'z');
  if (after) assert.equal(after.alive, false);
});

test('the record is read newest first, in pages, and holds no secret', async () => {
  const [admin, ada] = [await administrator(stack), await stack.person('ada')];
  const { password } = expectStatus(await admin.post(`/api/admin/accounts/${ada.id}/password`), 200);
  expectStatus(await admin.patch(`/api/admin/accounts/${ada.id}`, { deactivated: true }), 200);
  expectStatus(await admin.patch(`/api/admin/accounts/${ada.id}`, { deactivated: false }), 200);
  const first = expectStatus(await admin.get('/api/admin/audit?limit=2'), 200);
  assert.deepEqual(first.audit.map((line: { action: string }) => line.action), ['account_reactivate', 'account_deactivate']);
  assert.equal(first.more, true);
  const rest = expectStatus(await admin.get(`/api/admin/audit?limit=1&before=${first.audit[1].id}`), 200);
  assert.deepEqual([rest.audit[0].action, rest.audit[0].account, rest.audit[0].subject, rest.audit[0].detail], ['account_password', admin.id, ada.id, {}]);
  assert.match(rest.audit[0].time, /^\d{4}-.*Z$/);
  assert.ok(!JSON.stringify(expectStatus(await admin.get('/api/admin/audit?limit=200'), 200)).includes(password));
  for (const query of ['limit=0', 'before=x', 'before=0']) expectProblem(await admin.get(`/api/admin/audit?${query}`), 400, 'invalid');
});
