// SPDX-License-Identifier: Apache-2.0
//
// Groups, members, settings and what is done to messages, seen from several clients.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../www/client/index.ts';
import { useStack } from '../lib/stack.ts';
import { openClient, texts, TRANSPORTS, until } from './lib.ts';

const stack = useStack();

async function three(only: 'websocket' | 'http') {
  const people = await Promise.all(['ada', 'bob', 'cy'].map((name) => stack.person(name)));
  const [ada, bob, cy] = people as [typeof people[0], typeof people[0], typeof people[0]];
  const [a, b, c] = await Promise.all([openClient(stack, ada!, { only }), openClient(stack, bob!, { only }), openClient(stack, cy!, { only })]);
  return { ada: ada!, bob: bob!, cy: cy!, a, b, c };
}

for (const only of TRANSPORTS) {
  test(`${only}: made, renamed, joined, left`, async () => {
    const { ada, bob, cy, a, b, c } = await three(only);
    const id = await a.createGroup({ title: 'Plans', members: [bob.id], visibility: 'public' });
    assert.equal(a.conversation(id).value?.title, 'Plans');
    await until('bob sees it', () => b.conversation(id).value?.members_count === 2);
    await a.updateGroup(id, { title: 'Better plans', topic: 'of all kinds' });
    await until('renamed', () => b.conversation(id).value?.title === 'Better plans' && a.conversation(id).value?.topic === 'of all kinds');
    const found = await c.searchGroups('better');
    assert.equal(found.items.find((g) => g.id === id)?.joined, false);
    await c.joinGroup(id);
    await until('cy is in', () => c.conversation(id).value?.my_role === 'member');
    const members = a.members(id);
    await until('three members', () => members.list.value.length === 3 && members.complete.value);
    assert.equal(members.list.value[0]!.role, 'owner');
    await a.setRole(id, bob.id, 'admin');
    await until('bob is told', () => b.conversation(id).value?.my_role === 'admin' && members.list.value[1]?.account === bob.id);
    await b.removeMember(id, cy.id);
    await until('cy is out', () => c.conversation(id).value === undefined);
    await until('two members', () => members.list.value.length === 2 && a.conversation(id).value?.members_count === 2);
    await assert.rejects(a.leaveGroup(id), (p) => p instanceof Problem && p.status === 409);
    await assert.rejects(c.timeline(id).loadNewest().then(() => c.addMembers(id, [cy.id])), Problem);
    await a.addMembers(id, [cy.id]);
    await until('cy is back', () => c.conversation(id).value?.title === 'Better plans');
    const view = c.timeline(id);
    await until('with the history', () => view.items.value.some((i) => i.message?.action?.type === 'title' || i.message?.kind === 'system'));
    assert.equal(ada.id, a.account.value?.id);
  });

  test(`${only}: edit, delete, react, pin, mention, reply, count`, async () => {
    const { bob, a, b, c } = await three(only);
    const id = await a.createGroup({ title: 'Talk', members: [bob.id], visibility: 'private' });
    await until('bob', () => b.conversation(id).value);
    const [mine, theirs] = [a.timeline(id), b.timeline(id)];
    await a.send(id, { body: 'first', mentions: [bob.id] });
    await a.send(id, { body: 'second' });
    await until('counted', () => b.conversation(id).value?.unread === 2 && b.conversation(id).value?.mentions === 1);
    const [first, second] = theirs.items.value.filter((i) => i.message?.kind === 'text').map((i) => i.message!);
    await b.send(id, { body: 'answer', reply_to: first!.seq });
    await until('reply', () => mine.items.value.at(-1)?.message?.reply_to === first!.seq);
    await a.edit(id, second!.seq, 'second, better', second!.mod);
    await until('edited', () => theirs.message(second!.seq)?.edited !== null && theirs.message(second!.seq)?.body === 'second, better');
    await assert.rejects(a.edit(id, second!.seq, 'stale', second!.mod), (p) => p instanceof Problem && p.name === 'conflict');
    await assert.rejects(b.edit(id, second!.seq, 'not mine'), (p) => p instanceof Problem && p.status === 403);
    await b.react(id, first!.seq, '👍', true);
    await until('reaction', () => mine.message(first!.seq)?.reactions[0]?.count === 1);
    await b.react(id, first!.seq, '👍', false);
    await until('gone', () => mine.message(first!.seq)?.reactions.length === 0);
    await a.pin(id, first!.seq, true);
    await until('pinned', () => theirs.message(first!.seq)?.pinned);
    await a.remove(id, first!.seq);
    await until('deleted', () => theirs.message(first!.seq)?.deleted);
    await until('recounted', () => b.conversation(id).value?.unread === 1 && b.conversation(id).value?.mentions === 0);
    b.read(id, 99);
    await until('read', () => b.conversation(id).value?.unread === 0);
    b.setTyping(id, true);
    await until('typing', () => a.typing(id).value.includes(bob.id));
    await b.send(id, { body: 'done' });
    await until('no longer', () => a.typing(id).value.length === 0);
    await b.updateSettings(id, { notify: 'none', favourite: true });
    await until('settings', () => b.conversation(id).value?.favourite && b.conversation(id).value?.notify === 'none');
    assert.equal(c.conversation(id).value, undefined);
  });

  test(`${only}: presence of whom one looks at`, async () => {
    const { bob, a, b } = await three(only);
    const seen: string[] = [];
    const stop = a.presence(bob.id).subscribe((p) => p && seen.push(p.state));
    await until('online', () => seen.at(-1) === 'online');
    b.setStatus('dnd', { text: 'busy' });
    await until('dnd', () => seen.at(-1) === 'dnd');
    stop();
  });

  test(`${only}: a changed name shows where it is on the screen`, async () => {
    const { bob, a, b } = await three(only);
    const names: (string | undefined)[] = [];
    const stop = a.person(bob.id).subscribe((person) => names.push(person?.display_name));
    await until('known', () => names.at(-1) === 'bob');
    for (const name of ['Bob the Second', 'Bob the Third']) {
      await b.updateProfile({ display_name: name });
      await until('renamed', () => names.at(-1) === name);
    }
    stop();
  });

  test(`${only}: a long history, read from any point`, async () => {
    const { ada, bob, a, b } = await three(only);
    const id = await a.direct(bob.id);
    for (let i = 1; i <= 250; i++) await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation: id, body: `m ${i}` });
    await until('told', () => b.conversation(id).value?.last_seq === 250 && b.conversation(id).value?.unread === 250);
    const view = b.timeline(id);
    await until('newest', () => view.items.value.length >= 30);
    await view.loadAround(60);
    assert.equal(view.atEnd.value, false);
    assert.ok(view.message(60));
    const lowest = view.items.value[0]!.message!.seq;
    await view.loadOlder(20);
    assert.equal(view.items.value[0]!.message!.seq, lowest - 20);
    await a.edit(id, 60, 'changed');
    await until('changed in the window', () => view.message(60)?.body === 'changed');
    while (!view.atEnd.value) await view.loadNewer(100);
    const all = view.items.value.map((i) => i.message!.seq);
    assert.deepEqual(all, Array.from({ length: all.length }, (_, i) => all[0]! + i));
    assert.equal(all.at(-1), 250);
    const late = a.timeline(id);
    await until('quoted', () => late.quote(3).value?.body === 'm 3');
    b.read(id, 100);
    await until('150 left', () => b.conversation(id).value?.unread === 150);
    await a.send(id, { body: 'one more' });
    await until('151', () => b.conversation(id).value?.unread === 151 && texts(view).at(-1) === 'one more');
  });
}

test('removed while something is unsent: told, kept to try again or discard, then gone', async () => {
  const { bob, a, b } = await three('websocket');
  const id = await a.createGroup({ title: 'Short', members: [bob.id], visibility: 'private' });
  await until('bob', () => b.conversation(id).value);
  const view = b.timeline(id);
  await a.removeMember(id, bob.id);
  await until('told', () => b.conversation(id).value?.my_role === null);
  const ref = await b.send(id, { body: 'too late' });
  await until('failed', () => view.items.value.at(-1)?.entry?.state === 'failed');
  assert.equal(b.outbox.value[0]?.problem?.name, 'not_a_member');
  view.close();
  assert.equal(b.conversation(id).value?.failed, 1);
  assert.deepEqual(b.conversationIds.value, [id]);
  await b.discard(ref);
  await until('gone', () => b.conversation(id).value === undefined && b.conversationIds.value.length === 0);
});
