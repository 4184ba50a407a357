// SPDX-License-Identifier: Apache-2.0
// Groups: made, found, changed, joined, deleted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus, type Api } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';

const stack = useStack();
const row = async (api: Api, id: string): Promise<any> => expectStatus(await api.get(`/api/groups/${id}`), 200).conversation;
const history = async (api: Api, id: string): Promise<any[]> => expectStatus(await api.get(`/api/history/${id}`), 200).messages;

test('POST /api/groups: the creator is the owner, the others are members', async () => {
  const [ada, bob, cyd] = [await stack.person('ada'), await stack.person('bob'), await stack.person('cyd')];
  const { conversation } = expectStatus(await ada.post('/api/groups', { title: '  Küche 🍲', members: [bob.id, cyd.id, bob.id, ada.id],
    visibility: 'private', ref: crypto.randomUUID() }), 201);
  assert.equal(conversation.kind, 'group');
  assert.equal(conversation.title, '  Küche 🍲');
  assert.equal(conversation.members_count, 3);
  assert.equal(conversation.my_role, 'owner');
  assert.equal(conversation.last_seq, 0);
  const { members } = expectStatus(await cyd.get(`/api/groups/${conversation.id}/members`), 200);
  assert.deepEqual(members.map((m: any) => [m.account, m.role]), [[ada.id, 'owner'], [bob.id, 'member'], [cyd.id, 'member']]);
});

test('POST /api/groups: one ref of one account is one group, also at the same time', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const ref = crypto.randomUUID();
  const make = async (api: Api, title: string): Promise<string> =>
    expectStatus(await api.post('/api/groups', { title, visibility: 'private', ref }), 201).conversation.id;
  const made = await Promise.all(Array.from({ length: 10 }, (_, i) => make(ada, `Try ${i}`)));
  assert.equal(new Set(made).size, 1);
  assert.equal(await make(ada, 'A later try'), made[0]);
  assert.notEqual(await make(bob, 'Another account'), made[0]);
});

test('POST /api/groups: refusals', async () => {
  const ada = await stack.person('ada');
  const good = { title: 'T', visibility: 'private', members: [] as unknown[] };
  const bad: object[] = [{ title: '' }, { title: ' ' }, { title: 'x'.repeat(121) }, { title: 'a\u202eb' }, { title: 'a\nb' }, { title: 5 }, { title: undefined },
    { visibility: 'secret' }, { ref: 'x' }, { ref: undefined }, { members: 'x' }, { members: [1] }, { members: Array.from({ length: 501 }, () => ada.id) }];
  for (const change of bad) {
    expectProblem(await ada.post('/api/groups', { ...good, ref: crypto.randomUUID(), ...change }), 400, 'invalid');
  }
  expectProblem(await ada.post('/api/groups', { ...good, ref: crypto.randomUUID(), members: ['4711'] }), 404, 'not_found');
  expectProblem(await ada.post('/api/groups', { ...good, ref: crypto.randomUUID() }, { token: null }), 401, 'unauthenticated');
});

test('GET /api/groups: the directory lists public groups that can be joined', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const word = `w${Math.floor(Math.random() * 1e9)}`;
  const made: string[] = [];
  for (const title of [`Alpha ${word} one`, `Beta ${word} two`, `gamma ${word.toUpperCase()} 100%`]) made.push(await stack.group(ada, [], { title, visibility: 'public' }));
  const [closed, hidden] = [await stack.group(ada, [], { title: `${word} archived`, visibility: 'public' }), await stack.group(ada, [], { title: `${word} private` })];
  expectStatus(await ada.patch(`/api/groups/${closed}`, { archived: true }), 200);
  const find = async (api: Api, query: string): Promise<any> => expectStatus(await api.get(`/api/groups?${query}`), 200);
  const all = await find(bob, `q=${word}`);
  assert.deepEqual(all.groups.map((g: any) => g.id), made);
  assert.deepEqual(all.groups.map((g: any) => [g.my_role, g.members_count]), [[null, 1], [null, 1], [null, 1]]);
  assert.equal((await find(ada, `q=${word}`)).groups[0].my_role, 'owner');
  assert.ok(!JSON.stringify(all).includes(hidden));
  assert.deepEqual((await find(bob, `q=${word}+two`)).groups.map((g: any) => g.id), [made[1]]);
  assert.deepEqual((await find(bob, `q=${word}+100%25`)).groups.map((g: any) => g.id), [made[2]]);
  assert.deepEqual((await find(bob, `q=${word}%25one`)).groups, []);
  const first = await find(bob, `q=${word}&limit=2`);
  assert.deepEqual([first.groups.length, first.more], [2, true]);
  const rest = await find(bob, `q=${word}&limit=2&after=${first.groups[1].id}`);
  assert.deepEqual([rest.groups.map((g: any) => g.id), rest.more], [[made[2]], false]);
  expectProblem(await stack.api().get('/api/groups'), 401, 'unauthenticated');
  expectProblem(await bob.get('/api/groups?after=x'), 400, 'invalid');
});

test('GET /api/groups/{id}: a public group shows itself, a private one does not exist for others', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const open = await stack.group(ada, [], { visibility: 'public' });
  const closed = await stack.group(ada);
  const seen = await row(bob, open);
  assert.equal(seen.my_role, null);
  assert.equal(seen.last_message, undefined);
  assert.equal((await row(ada, open)).my_role, 'owner');
  expectProblem(await bob.get(`/api/groups/${closed}`), 404, 'not_found');
  expectProblem(await bob.get('/api/groups/4711'), 404, 'not_found');
});

test('PATCH /api/groups/{id}: title, topic, avatar by an admin; the rest by an owner', async () => {
  const [ada, bob, cyd] = [await stack.person('ada'), await stack.person('bob'), await stack.person('cyd')];
  const g = await stack.group(ada, [bob, cyd]);
  expectStatus(await ada.patch(`/api/groups/${g}/members/${bob.id}`, { role: 'admin' }), 204);
  const before = await row(ada, g);
  const changed = expectStatus(await bob.patch(`/api/groups/${g}`, { title: 'New', topic: 'about', avatar: '🍲' }), 200).conversation;
  assert.deepEqual([changed.title, changed.topic, changed.avatar], ['New', 'about', '🍲']);
  assert.ok(changed.changed_mod > before.changed_mod && changed.mod >= changed.changed_mod);
  const told = (await history(cyd, g)).at(-1);
  assert.deepEqual([told.kind, told.sender, told.action], ['system', bob.id, { type: 'title', title: 'New' }]);
  assert.equal(expectStatus(await bob.patch(`/api/groups/${g}`, { title: 'New', topic: 'about' }), 200).conversation.mod, changed.mod, 'nothing new, no mod');
  assert.deepEqual(expectStatus(await bob.patch(`/api/groups/${g}`, { topic: null, avatar: '' }), 200).conversation.topic, null);
  for (const body of [{ visibility: 'public' }, { retention_days: 30 }, { archived: true }, { title: 'x', archived: false }]) {
    expectProblem(await bob.patch(`/api/groups/${g}`, body), 403, 'forbidden');
  }
  expectProblem(await cyd.patch(`/api/groups/${g}`, { title: 'x' }), 403, 'forbidden');
  const owned = expectStatus(await ada.patch(`/api/groups/${g}`, { visibility: 'public', retention_days: 30 }), 200).conversation;
  assert.deepEqual([owned.visibility, owned.retention_days], ['public', 30]);
  assert.equal(expectStatus(await ada.patch(`/api/groups/${g}`, { retention_days: null }), 200).conversation.retention_days, null);
});

test('PATCH /api/groups/{id}: refusals', async () => {
  const [ada, eve] = [await stack.person('ada'), await stack.person('eve')];
  const g = await stack.group(ada);
  for (const body of [{ title: '' }, { title: 'a\u0000b' }, { topic: 'x'.repeat(501) }, { visibility: 'x' }, { retention_days: 0 }, { retention_days: 1.5 },
    { retention_days: 'x' }, { archived: 'yes' }]) {
    const answer = await ada.patch(`/api/groups/${g}`, body);
    assert.equal(answer.status, 400, JSON.stringify(body));
  }
  expectProblem(await eve.patch(`/api/groups/${g}`, { title: 'x' }), 404, 'not_found');
  expectProblem(await ada.patch(`/api/groups/${g}`, { title: 'x' }, { token: null }), 401, 'unauthenticated');
});

test('an archived group is closed until it is taken out', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const g = await stack.group(ada, [], { visibility: 'public' });
  assert.equal(expectStatus(await ada.patch(`/api/groups/${g}`, { archived: true }), 200).conversation.archived, true);
  expectProblem(await ada.patch(`/api/groups/${g}`, { title: 'x' }), 409, 'archived');
  expectProblem(await ada.post(`/api/groups/${g}/members`, { accounts: [bob.id] }), 409, 'archived');
  expectProblem(await bob.post(`/api/groups/${g}/join`), 409, 'archived');
  expectProblem(await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation: g, body: 'x' }), 409, 'archived');
  assert.equal(expectStatus(await ada.patch(`/api/groups/${g}`, { archived: false, title: 'Back' }), 200).conversation.archived, false);
  expectStatus(await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation: g, body: 'x' }), 201);
});

test('POST /api/groups/{id}/join: a public group, once', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const g = await stack.group(ada, [], { visibility: 'public' });
  expectStatus(await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation: g, body: 'before' }), 201);
  const joined = expectStatus(await bob.post(`/api/groups/${g}/join`), 200).conversation;
  assert.deepEqual([joined.my_role, joined.members_count, joined.unread], ['member', 2, 0]);
  assert.deepEqual((await history(bob, g)).map((m) => m.body ?? m.action), ['before', { type: 'joined', accounts: [bob.id] }]);
  assert.equal(expectStatus(await bob.post(`/api/groups/${g}/join`), 200).conversation.mod, joined.mod);
  const closed = await stack.group(ada);
  expectProblem(await bob.post(`/api/groups/${closed}/join`), 404, 'not_found');
  expectProblem(await bob.post('/api/groups/4711/join'), 404, 'not_found');
  expectProblem(await bob.post(`/api/groups/${g}/join`, undefined, { token: null }), 401, 'unauthenticated');
});

test('DELETE /api/groups/{id}: gone for everybody, at once', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const g = await stack.group(ada, [bob], { visibility: 'public' });
  expectProblem(await bob.delete(`/api/groups/${g}`), 403, 'forbidden');
  expectStatus(await ada.delete(`/api/groups/${g}`), 204);
  for (const api of [ada, bob]) {
    expectProblem(await api.get(`/api/groups/${g}`), 404, 'not_found');
    expectProblem(await api.get(`/api/history/${g}`), 404, 'not_found');
    expectProblem(await api.get(`/api/changes/${g}?since=0`), 404, 'not_found');
    expectProblem(await api.get(`/api/groups/${g}/members`), 404, 'not_found');
    expectProblem(await api.post(`/api/groups/${g}/join`), 404, 'not_found');
    expectProblem(await api.post('/api/messages', { ref: crypto.randomUUID(), conversation: g, body: 'x' }), 403, 'not_a_member');
    assert.deepEqual(expectStatus(await api.get('/api/conversations'), 200).conversations, []);
  }
  expectProblem(await ada.delete(`/api/groups/${g}`), 404, 'not_found');
  expectProblem(await ada.delete(`/api/groups/${g}`, { token: null }), 401, 'unauthenticated');
});
