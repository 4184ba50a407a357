// SPDX-License-Identifier: Apache-2.0
// What is done over HTTP is told live, as if it had come from a live session.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectStatus } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';

const stack = useStack();

test('a deleted group: each member is told of itself, once, and of nothing after', async () => {
  const people = await Promise.all(['ada', 'bob', 'cyd'].map((name) => stack.person(name)));
  const [ada, bob] = people;
  const g = await stack.group(ada!, people.slice(1));
  const lives = people.map((person, i) => stack.open(i === 1 ? 'poll' : 'ws', person, i === 2 ? 'b' : 'a'));
  await Promise.all(lives.map((live) => live.hello()));
  expectStatus(await ada!.delete(`/api/groups/${g}`), 204);
  for (const [i, live] of lives.entries()) {
    const left = await live.seen('left', (event) => event.conversation === g);
    assert.equal(left.account, people[i]!.id);
    assert.equal(typeof left.account_mod, 'number');
  }
  // Something else after it: whatever was to come of the group has come before.
  const d = await stack.direct(ada!, bob!);
  expectStatus(await ada!.post('/api/messages', { ref: crypto.randomUUID(), conversation: d, body: 'and then' }), 201);
  await lives[1]!.seen('message', (event) => event.conversation === d);
  assert.deepEqual(lives[1]!.events.filter((event) => (event.conversation?.id ?? event.conversation) === g).map((event) => event.type), ['left']);
  assert.equal((await lives[1]!.say(g, 'still?')).type, 'failed');
});

test('a message and a read marker over HTTP reach the members, and the ref its sender only', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const d = await stack.direct(ada, bob);
  const [mine, other] = [stack.open('ws', ada, 'a'), stack.open('ws', bob, 'b')];
  await Promise.all([mine.hello(), other.hello()]);
  const ref = crypto.randomUUID();
  const { message } = expectStatus(await ada.post('/api/messages', { ref, conversation: d, body: 'over HTTP' }), 201);
  assert.deepEqual(await mine.seen('message', (event) => event.seq === 1), { type: 'message', ...message });
  const { ref: _, ...without } = message;
  assert.deepEqual(await other.seen('message', (event) => event.seq === 1), { type: 'message', ...without });
  expectStatus(await bob.post('/api/read', { conversation: d, seq: 1 }), 204);
  const told = await mine.seen('read', (event) => event.account === bob.id);
  assert.deepEqual(told, { type: 'read', conversation: d, account: bob.id, seq: 1 });
  const own = await other.seen('read', (event) => event.account === bob.id && event.account_mod !== undefined);
  assert.deepEqual([own.seq, own.unread], [1, 0]);
});

test('a new title is a message and the conversation\'s change; a role is the member\'s', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const g = await stack.group(ada, [bob]);
  const live = stack.open('ws', bob, 'b');
  await live.hello();
  expectStatus(await ada.patch(`/api/groups/${g}`, { title: 'Renamed' }), 200);
  const message = await live.next('message');
  assert.deepEqual([message.kind, message.action], ['system', { type: 'title', title: 'Renamed' }]);
  const { conversation } = await live.next('conversation');
  assert.deepEqual([conversation.title, conversation.mod, conversation.changed_mod], ['Renamed', undefined, message.mod + 1]);
  assert.deepEqual(['unread', 'mentions', 'read_seq', 'my_role', 'notify', 'draft'].filter((own) => own in conversation), []); // one account's own
  expectStatus(await ada.patch(`/api/groups/${g}/members/${bob.id}`, { role: 'owner' }), 204);
  const member = await live.next('member');
  assert.deepEqual(member, { type: 'member', conversation: g, account: bob.id, role: 'owner', mod: conversation.changed_mod + 1 });
});
