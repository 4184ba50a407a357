// SPDX-License-Identifier: Apache-2.0
// Members: listed, added, given a role, removed; what each role may.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus, type Api } from '../../lib/http.ts';
import { useStack, type Person } from '../../lib/stack.ts';

const stack = useStack();
const members = async (api: Api, g: string, query = ''): Promise<any> => expectStatus(await api.get(`/api/groups/${g}/members${query}`), 200);
const roles = async (api: Api, g: string): Promise<Record<string, string>> =>
  Object.fromEntries((await members(api, g)).members.map((m: any) => [m.account, m.role]));
const last = async (api: Api, g: string): Promise<any> => expectStatus(await api.get(`/api/history/${g}?limit=1`), 200).messages[0];

/** A group with an owner, an admin and two members. */
async function cast(): Promise<{ g: string; owner: Person; admin: Person; one: Person; two: Person; out: Person }> {
  const [owner, admin, one, two, out] = await Promise.all(['owner', 'admin', 'one', 'two', 'out'].map((name) => stack.person(name)));
  const g = await stack.group(owner!, [admin!, one!, two!]);
  expectStatus(await owner!.patch(`/api/groups/${g}/members/${admin!.id}`, { role: 'admin' }), 204);
  return { g, owner: owner!, admin: admin!, one: one!, two: two!, out: out! };
}

test('GET members: in the order of ids, in pages', async () => {
  const { g, owner, admin, one, two, out } = await cast();
  const sorted = [owner, admin, one, two].map((p) => p.id).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  assert.deepEqual((await members(one, g)).members.map((m: any) => m.account), sorted);
  const first = await members(one, g, '?limit=3');
  assert.deepEqual([first.members.length, first.more], [3, true]);
  const rest = await members(one, g, `?limit=3&after=${first.members[2].account}`);
  assert.deepEqual([rest.members.map((m: any) => m.account), rest.more], [[sorted[3]], false]);
  expectProblem(await out.get(`/api/groups/${g}/members`), 404, 'not_found');
  expectProblem(await one.get(`/api/groups/${g}/members?limit=0`), 400, 'invalid');
  expectProblem(await one.get(`/api/groups/${g}/members`, { token: null }), 401, 'unauthenticated');
});

test('POST members: an admin adds, an owner gives roles with it', async () => {
  const { g, owner, admin, one, out } = await cast();
  const path = `/api/groups/${g}/members`;
  expectProblem(await one.post(path, { accounts: [out.id] }), 403, 'forbidden');
  expectProblem(await admin.post(path, { accounts: [out.id], role: 'admin' }), 403, 'forbidden');
  expectStatus(await admin.post(path, { accounts: [out.id, one.id] }), 204);
  const told = await last(out, g);
  assert.deepEqual([told.kind, told.sender, told.action], ['system', admin.id, { type: 'added', accounts: [out.id] }]);
  assert.equal((await roles(out, g))[out.id], 'member');
  const mod = expectStatus(await out.get(`/api/conversations/${g}`), 200).conversation.mod;
  expectStatus(await admin.post(path, { accounts: [out.id] }), 204);
  assert.equal(expectStatus(await out.get(`/api/conversations/${g}`), 200).conversation.mod, mod, 'who is in it already stays as is');
  const more = await stack.person('more');
  expectStatus(await owner.post(path, { accounts: [more.id], role: 'owner' }), 204);
  assert.equal((await roles(out, g))[more.id], 'owner');
  assert.equal(expectStatus(await out.get(`/api/conversations/${g}`), 200).conversation.members_count, 6);
});

test('POST members: refusals', async () => {
  const { g, owner, out } = await cast();
  const path = `/api/groups/${g}/members`;
  for (const body of [{}, { accounts: [] }, { accounts: out.id }, { accounts: ['x'] }, { accounts: [out.id], role: 'king' },
    { accounts: Array.from({ length: 501 }, () => out.id) }]) {
    expectProblem(await owner.post(path, body), 400, 'invalid');
  }
  expectProblem(await owner.post(path, { accounts: [out.id, '4711'] }), 404, 'not_found');
  assert.equal((await roles(owner, g))[out.id], undefined, 'all or nothing');
  expectProblem(await out.post(path, { accounts: [out.id] }), 404, 'not_found');
  expectProblem(await owner.post(path, { accounts: [out.id] }, { token: null }), 401, 'unauthenticated');
});

test('PATCH member: an owner gives roles; the last one cannot step down', async () => {
  const { g, owner, admin, one, out } = await cast();
  const path = (p: Person): string => `/api/groups/${g}/members/${p.id}`;
  expectProblem(await admin.patch(path(one), { role: 'admin' }), 403, 'forbidden');
  expectProblem(await one.patch(path(one), { role: 'owner' }), 403, 'forbidden');
  expectProblem(await owner.patch(path(out), { role: 'admin' }), 404, 'not_found');
  expectProblem(await owner.patch(path(one), { role: 'king' }), 400, 'invalid');
  expectProblem(await owner.patch(path(one), {}), 400, 'invalid');
  expectProblem(await owner.patch(path(owner), { role: 'member' }), 409, 'last_owner');
  expectStatus(await owner.patch(path(owner), { role: 'owner' }), 204);
  expectStatus(await owner.patch(path(one), { role: 'owner' }), 204);
  expectStatus(await owner.patch(path(owner), { role: 'member' }), 204);
  assert.deepEqual([(await roles(one, g))[owner.id], (await roles(one, g))[one.id]], ['member', 'owner']);
  expectProblem(await out.patch(path(one), { role: 'member' }), 404, 'not_found');
  expectProblem(await one.patch(path(one), { role: 'member' }, { token: null }), 401, 'unauthenticated');
});

test('DELETE member: leaving, and removing those below', async () => {
  const { g, owner, admin, one, two, out } = await cast();
  const path = (p: Person): string => `/api/groups/${g}/members/${p.id}`;
  expectProblem(await one.delete(path(two)), 403, 'forbidden');
  expectProblem(await admin.delete(path(owner)), 403, 'forbidden');
  expectProblem(await owner.delete(path(owner)), 409, 'last_owner');
  expectProblem(await owner.delete(path(out)), 404, 'not_found');
  expectProblem(await out.delete(path(one)), 404, 'not_found');
  expectProblem(await out.delete(path(out)), 404, 'not_found');
  expectProblem(await one.delete(path(one), { token: null }), 401, 'unauthenticated');

  expectStatus(await admin.delete(path(one)), 204);
  let told = await last(owner, g);
  assert.deepEqual([told.sender, told.action], [admin.id, { type: 'removed', accounts: [one.id] }]);
  expectStatus(await two.delete(path(two)), 204);
  told = await last(owner, g);
  assert.deepEqual([told.sender, told.action], [two.id, { type: 'left', accounts: [two.id] }]);
  expectStatus(await owner.delete(path(admin)), 204);
  assert.deepEqual(await roles(owner, g), { [owner.id]: 'owner' });
  for (const gone of [one, two, admin]) {
    expectProblem(await gone.get(`/api/history/${g}`), 404, 'not_found');
    expectProblem(await gone.delete(path(gone)), 404, 'not_found');
    assert.deepEqual(expectStatus(await gone.get('/api/conversations'), 200).conversations, []);
  }
});

test('who comes back sees the whole history, and nothing as unread', async () => {
  const { g, owner, one } = await cast();
  const say = async (body: string): Promise<void> =>
    void expectStatus(await owner.post('/api/messages', { ref: crypto.randomUUID(), conversation: g, body }), 201);
  await say('while in');
  expectStatus(await one.delete(`/api/groups/${g}/members/${one.id}`), 204);
  await say('while out');
  expectStatus(await owner.post(`/api/groups/${g}/members`, { accounts: [one.id] }), 204);
  const { messages } = expectStatus(await one.get(`/api/history/${g}`), 200);
  assert.deepEqual(messages.map((m: any) => m.body ?? m.action.type), ['while in', 'left', 'while out', 'added']);
  assert.equal(expectStatus(await one.get(`/api/conversations/${g}`), 200).conversation.unread, 0);
  await say('back');
  assert.equal(expectStatus(await one.get(`/api/conversations/${g}`), 200).conversation.unread, 1);
});
