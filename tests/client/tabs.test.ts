// SPDX-License-Identifier: Apache-2.0
//
// Several tabs of one profile, as far as node has them: clients that share a storage and a BroadcastChannel (no Web Locks,
// as on a plain-HTTP host). One holds the link, the others show the same, and nothing is sent twice.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStorage } from '../../www/client/index.ts';
import { useStack } from '../lib/stack.ts';
import { newClient, openClient, texts, until } from './lib.ts';

const stack = useStack();

async function scene() {
  const ada = await stack.person('ada');
  const bob = await stack.person('bob');
  const id = await stack.direct(ada, bob);
  const storage = memoryStorage();
  const first = await openClient(stack, ada, { storage, tabs: true });
  const second = await openClient(stack, ada, { storage, tabs: true });
  return { ada, bob, id, storage, first, second, b: await openClient(stack, bob) };
}

const links = async (account: string): Promise<number> =>
  Number((await stack.db.query<{ n: string }>('SELECT count(*) AS n FROM parley.presence WHERE account_id = $1', [account]))[0]!.n);

test('one tab leads, the other follows; both show what comes and what either sends', async () => {
  const { id, first, second, b } = await scene();
  assert.equal(first.leading.value, true);
  assert.equal(second.leading.value, false);
  const [one, two, theirs] = [first.timeline(id), second.timeline(id), b.timeline(id)];
  await b.send(id, { body: 'from bob' });
  await until('both tabs', () => texts(one).includes('from bob') && texts(two).includes('from bob'));
  await second.send(id, { body: 'from the second tab' });
  assert.equal(two.items.value.at(-1)?.entry?.body ?? two.items.value.at(-1)?.message?.body, 'from the second tab');
  await until('everywhere', () => [one, two, theirs].every((t) => texts(t).includes('from the second tab')));
  await until('settled in both', () => first.outbox.value.length + second.outbox.value.length === 0);
  await second.edit(id, 2, 'edited there');
  await until('edited everywhere', () => [one, two, theirs].every((t) => texts(t).includes('edited there')));
  second.read(id, 2);
  await until('read in both', () => first.conversation(id).value?.unread === 0 && second.conversation(id).value?.unread === 0);
  second.setDraft(id, { text: 'half a', reply_to: null });
  await until('draft in both', () => first.draft(id).value.text === 'half a');
});

test('a draft that one tab has not sent up yet is overwritten by another device in no tab', async () => {
  const { ada, id, first, second } = await scene();
  const seen: string[] = [];
  for (const tab of [first, second]) tab.draft(id).subscribe(({ text }) => seen.push(text));
  second.setDraft(id, { text: 'written here', reply_to: null });
  await until('in both', () => first.draft(id).value.text === 'written here');
  await ada.patch(`/api/conversations/${id}/me`, { draft: 'from the phone' });
  await until('sent up', async () => (await ada.get(`/api/conversations/${id}`)).body.conversation.draft === 'written here');
  assert.deepEqual(seen, ['', '', 'written here', 'written here']);
});

test('the leading tab closes with a full outbox: the other sends it, once', async () => {
  const { id, first, second, b } = await scene();
  const theirs = b.timeline(id);
  const bodies = Array.from({ length: 20 }, (_, i) => `m ${i}`);
  await Promise.all(bodies.map((body) => first.send(id, { body })));
  await first.close();
  await until('the second leads', () => second.leading.value);
  await until('all are there', () => texts(theirs).length === 20);
  assert.deepEqual(texts(theirs), bodies);
  await until('settled', () => second.outbox.value.length === 0);
});

test('a request under way survives the change of the leading tab', async () => {
  const { id, first, second, b } = await scene();
  const two = second.timeline(id);
  await second.send(id, { body: 'before' });
  await until('there', () => second.outbox.value.length === 0 && texts(two).length === 1);
  const editing = second.edit(id, 1, 'after');
  await first.close();
  await editing;
  await until('edited', () => texts(b.timeline(id)).includes('after'));
});

test('a tab that comes later begins where the leader is', async () => {
  const { ada, id, storage, first, b } = await scene();
  for (let i = 0; i < 5; i++) await b.send(id, { body: `old ${i}` });
  await until('unread', () => first.conversation(id).value?.unread === 5);
  const third = newClient(stack, ada, { storage, tabs: true });
  await third.start();
  await until('the same', () => third.conversation(id).value?.unread === 5 && third.connection.value.state === 'connected');
  const view = third.timeline(id);
  await until('the messages', () => texts(view).length === 5);
  await b.send(id, { body: 'new' });
  await until('goes on', () => texts(view).at(-1) === 'new');
  await until('one link', async () => (await links(ada.id)) === 1);
});

test('logout in one tab logs out the others', async () => {
  const { first, second } = await scene();
  await second.logout();
  await until('both are out', () => first.phase.value === 'anonymous' && second.phase.value === 'anonymous');
});
