// SPDX-License-Identifier: Apache-2.0
// POST /api/direct: the one conversation of a pair.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';

const stack = useStack();

test('it is one conversation, whoever asks and however often', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const id = await stack.direct(ada, bob);
  assert.equal(await stack.direct(ada, bob), id);
  assert.equal(await stack.direct(bob, ada), id);
  const { conversation } = expectStatus(await bob.get(`/api/conversations/${id}`), 200);
  assert.equal(conversation.members_count, 2);
  assert.equal(conversation.last_seq, 0);
  assert.equal(conversation.peer, ada.id);
});

test('twenty at the same time make one', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const made = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? stack.direct(ada, bob) : stack.direct(bob, ada))));
  assert.equal(new Set(made).size, 1);
});

test('with oneself it is notes to self', async () => {
  const ada = await stack.person('ada');
  const id = await stack.direct(ada, ada);
  assert.equal(await stack.direct(ada, ada), id);
  const { conversation } = expectStatus(await ada.get(`/api/conversations/${id}`), 200);
  assert.equal(conversation.members_count, 1);
  assert.equal(conversation.peer, ada.id);
  const { members } = expectStatus(await ada.get(`/api/groups/${id}/members`), 200);
  assert.deepEqual(members.map((m: any) => m.account), [ada.id]);
});

test('both members and their markers are listed', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const id = await stack.direct(ada, bob);
  expectStatus(await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation: id, body: 'hi' }), 201);
  expectStatus(await bob.post('/api/read', { conversation: id, seq: 1 }), 204);
  const { members, more } = expectStatus(await ada.get(`/api/groups/${id}/members`), 200);
  assert.equal(more, false);
  assert.deepEqual(members.map((m: any) => [m.account, m.role, m.read_seq, m.received_seq]),
    [[ada.id, 'member', 0, 0], [bob.id, 'member', 1, 1]]);
});

test('a direct conversation is no group', async () => {
  const [ada, bob, eve] = [await stack.person('ada'), await stack.person('bob'), await stack.person('eve')];
  const id = await stack.direct(ada, bob);
  expectProblem(await ada.get(`/api/groups/${id}`), 404, 'not_found');
  expectProblem(await ada.patch(`/api/groups/${id}`, { title: 'Us' }), 409, 'not_a_group');
  expectProblem(await ada.delete(`/api/groups/${id}`), 409, 'not_a_group');
  expectProblem(await ada.post(`/api/groups/${id}/members`, { accounts: [eve.id] }), 409, 'not_a_group');
  expectProblem(await ada.patch(`/api/groups/${id}/members/${bob.id}`, { role: 'admin' }), 409, 'not_a_group');
  expectProblem(await ada.delete(`/api/groups/${id}/members/${ada.id}`), 409, 'not_a_group');
  expectProblem(await ada.post(`/api/groups/${id}/join`), 404, 'not_found');
});

test('refusals', async () => {
  const [ada, gone] = [await stack.person('ada'), await stack.person('gone')];
  await stack.db.query('UPDATE parley.account SET deactivated = now() WHERE id = $1', [gone.id]);
  expectProblem(await ada.post('/api/direct', { account: gone.id }), 404, 'not_found');
  expectProblem(await ada.post('/api/direct', { account: '4711' }), 404, 'not_found');
  for (const account of [undefined, null, '', 'x', 4711, '-1', '0', '01', '9223372036854775808', [ada.id]]) {
    expectProblem(await ada.post('/api/direct', { account }), 400, 'invalid');
  }
  expectProblem(await ada.post('/api/direct', { account: ada.id }, { token: null }), 401, 'unauthenticated');
  expectProblem(await ada.post('/api/direct', undefined, { raw: 'account=1', headers: { 'content-type': 'text/plain' } }), 415, 'unsupported_type');
});
