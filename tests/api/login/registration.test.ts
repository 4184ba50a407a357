// SPDX-License-Identifier: Apache-2.0
// POST /api/register where registration is by invite, and where it is closed.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type Api, expectProblem, expectStatus } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';
import { administrator } from '../admin/administrator.ts';

const invited = useStack({ relays: ['a'], config: { registration: 'invite' } });
const closed = useStack({ relays: ['a'], config: { registration: 'closed' } });
const body = (more: Record<string, unknown> = {}): Record<string, unknown> =>
  ({ login: `new.${randomBytes(6).toString('hex')}`, password: 'long enough', display_name: 'New', ...more });
const inviteOf = async (admin: Api): Promise<{ invite: { id: string }; token: string }> => expectStatus(await admin.post('/api/admin/invites', {}), 201);

test('an invite lets one person in, once', async () => {
  const admin = await administrator(invited);
  const { invite, token } = await inviteOf(admin);
  const { account } = expectStatus(await invited.api().post('/api/register', body({ invite: token })), 201);
  expectProblem(await invited.api().post('/api/register', body({ invite: token })), 403, 'bad_invite');
  const { invites } = expectStatus(await admin.get('/api/admin/invites'), 200);
  const used = invites.find((row: { id: string }) => row.id === invite.id);
  assert.deepEqual([used.state, used.used_by], ['used', account.id]);
});

test('of many who come with one invite at once, one gets in', async () => {
  const { token } = await inviteOf(await administrator(invited));
  const answers = await Promise.all(Array.from({ length: 8 }, () => invited.api().post('/api/register', body({ invite: token }))));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, ...Array<number>(7).fill(403)]);
});

test('a refused registration leaves the invite as it was', async () => {
  const admin = await administrator(invited);
  const { token } = await inviteOf(admin);
  expectProblem(await invited.api().post('/api/register', body({ invite: token, login: admin.login })), 409, 'login_taken');
  expectProblem(await invited.api().post('/api/register', body({ invite: token, password: 'short' })), 400, 'invalid');
  expectStatus(await invited.api().post('/api/register', body({ invite: token })), 201);
});

test('without a good invite nobody gets in', async () => {
  const admin = await administrator(invited);
  const { invite, token } = await inviteOf(admin);
  expectStatus(await admin.delete(`/api/admin/invites/${invite.id}`), 204);
  const late = await inviteOf(admin);
  await invited.db.query('UPDATE parley.invite SET expires = clock_timestamp() WHERE id = $1', [late.invite.id]);
  for (const bad of [undefined, null, '', 'x', 'A'.repeat(43), token, late.token]) {
    expectProblem(await invited.api().post('/api/register', body({ invite: bad, login: admin.login })), 403, 'bad_invite');
  }
});

test('a closed door is closed, and says who can help', async () => {
  const problem = expectProblem(await closed.api().post('/api/register', body()), 403, 'registration_closed');
  assert.match(problem.detail!, /administrator/);
  const admin = await administrator(closed);
  const { token } = await inviteOf(admin);
  expectProblem(await closed.api().post('/api/register', body({ invite: token })), 403, 'registration_closed');
});
