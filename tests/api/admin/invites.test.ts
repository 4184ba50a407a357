// SPDX-License-Identifier: Apache-2.0
// /api/admin/invites: made, listed, withdrawn. What they open: tests/api/login/registration.test.ts.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';
import { until } from '../../lib/wait.ts';
import { administrator } from './administrator.ts';

const stack = useStack({ relays: ['a'] });
const days = (invite: { created: string; expires: string }): number => (Date.parse(invite.expires) - Date.parse(invite.created)) / 86_400_000;

test('an invite is made with a link that is told once', async () => {
  const admin = await administrator(stack);
  const { invite, token, path } = expectStatus(await admin.post('/api/admin/invites'), 201);
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  assert.equal(path, `/invite/${token}`);
  assert.deepEqual([invite.state, invite.created_by, days(invite)], ['open', admin.id, 7]);
  const list = expectStatus(await admin.get('/api/admin/invites'), 200);
  assert.deepEqual(list.invites[0], invite);
  assert.ok(!JSON.stringify(list).includes(token));
  assert.equal(expectStatus(await admin.get('/api/admin/audit'), 200).audit[0].action, 'invite_create');
});

test('who opens the link leaves no token in the log of the web server', async () => {
  const { token, path } = expectStatus(await (await administrator(stack)).post('/api/admin/invites'), 201);
  assert.equal((await fetch(`${stack.url}${path}?from=mail`)).status, 200);
  const log = join(stack.dir, 'log/nginx-access.log');
  await until('a line in the log', async () => readFileSync(log, 'utf8').includes('GET /invite/-'));
  assert.ok(!readFileSync(log, 'utf8').includes(token));
});

test('it lasts as many days as are said', async () => {
  const admin = await administrator(stack);
  assert.equal(days(expectStatus(await admin.post('/api/admin/invites', { days: 1 }), 201).invite), 1);
  assert.equal(days(expectStatus(await admin.post('/api/admin/invites', { days: 365 }), 201).invite), 365);
  for (const bad of [0, -1, 366, 1.5, '7', 1e9]) expectProblem(await admin.post('/api/admin/invites', { days: bad }), 400, 'invalid');
});

test('the list says what became of each, newest first, in pages', async () => {
  const admin = await administrator(stack);
  await stack.db.query('DELETE FROM parley.invite');
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.unshift(expectStatus(await admin.post('/api/admin/invites'), 201).invite.id);
  await stack.db.query('UPDATE parley.invite SET expires = clock_timestamp() WHERE id = $1', [ids[1]]);
  const first = expectStatus(await admin.get('/api/admin/invites?limit=2'), 200);
  assert.deepEqual(first.invites.map((invite: { id: string; state: string }) => [invite.id, invite.state]), [[ids[0], 'open'], [ids[1], 'expired']]);
  assert.equal(first.more, true);
  const rest = expectStatus(await admin.get(`/api/admin/invites?limit=2&before=${ids[1]}`), 200);
  assert.deepEqual([rest.invites.length, rest.invites[0].id, rest.more], [1, ids[2], false]);
});

test('one is withdrawn, once', async () => {
  const admin = await administrator(stack);
  const { invite } = expectStatus(await admin.post('/api/admin/invites'), 201);
  expectStatus(await admin.delete(`/api/admin/invites/${invite.id}`), 204);
  expectProblem(await admin.delete(`/api/admin/invites/${invite.id}`), 404, 'not_found');
  expectProblem(await admin.delete('/api/admin/invites/x'), 404, 'not_found');
});
