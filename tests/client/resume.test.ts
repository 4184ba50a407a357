// SPDX-License-Identifier: Apache-2.0
//
// Away and back: what a device missed, in whatever way it was away.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStorage } from '../../www/client/index.ts';
import { expectStatus } from '../lib/http.ts';
import { useStack, type Person } from '../lib/stack.ts';
import { newClient, openClient, texts, TRANSPORTS, until } from './lib.ts';

const stack = useStack({ alone: true });

async function post(person: Person, conversation: string, body: string): Promise<number> {
  const answer = await person.post('/api/messages', { ref: crypto.randomUUID(), conversation, body });
  return expectStatus(answer, 201).message.seq;
}

async function pair() {
  const ada = await stack.person('ada');
  const bob = await stack.person('bob');
  return { ada, bob, id: await stack.direct(ada, bob) };
}

for (const transport of TRANSPORTS) {
  test(`${transport}: closed and opened again with its storage, it learns what changed meanwhile`, async () => {
    const { ada, bob, id } = await pair();
    const storage = memoryStorage();
    const before = await openClient(stack, ada, { storage, only: transport });
    const kept = before.timeline(id);
    for (let i = 1; i <= 3; i++) await post(bob, id, `m ${i}`);
    await until('three', () => texts(kept).length === 3);
    await before.close();

    for (let i = 4; i <= 300; i++) await post(bob, id, `m ${i}`);
    const group = await stack.group(bob, [ada], { title: 'New here' });
    await post(bob, group, 'welcome');
    const b = await openClient(stack, bob, { only: transport });
    await b.remove(id, 2);
    await b.edit(id, 3, 'changed');

    const after = await openClient(stack, ada, { storage, only: transport });
    const view = after.timeline(id);
    await until('caught up', () => after.conversation(id).value?.last_seq === 300);
    await until('the group', () => after.conversation(group).value?.unread === 1);
    await until('counted', () => after.conversation(id).value?.unread === 299);
    assert.equal(view.items.value.at(-1)?.message?.body, 'm 300');
    while (!view.atStart.value) await view.loadOlder(200);
    assert.deepEqual(texts(view).slice(0, 4), ['m 1', null, 'changed', 'm 4']);
    assert.equal(texts(view).length, 300);
  });
}

test('a relay is killed while messages flow both ways: nothing lost, doubled or misplaced', async () => {
  const { ada, bob, id } = await pair();
  const a = await openClient(stack, ada);
  const b = await openClient(stack, bob);
  const [mine, theirs] = [a.timeline(id), b.timeline(id)];
  const relay = a.connection.value.state === 'connected' ? a.connection.value.relay : '';
  let n = 0;
  for (; n < 60; n++) {
    await Promise.all([a.send(id, { body: `a ${n}` }), b.send(id, { body: `b ${n}` })]);
    if (n === 20) await stack.daemon(`relay-${relay}`).stop('SIGKILL');
    await new Promise((next) => setTimeout(next, 40));
  }
  await until('all are there', () => texts(mine).length >= 2 * n && texts(theirs).length >= 2 * n, 30_000);
  assert.deepEqual(texts(theirs), texts(mine));
  assert.deepEqual(texts(mine).filter((t) => t?.startsWith('a')), Array.from({ length: n }, (_, i) => `a ${i}`));
  await stack.startRelay(relay);
});

test('another epoch: the cache is thrown away, drafts and outbox stay', async () => {
  const { ada, bob, id } = await pair();
  const storage = memoryStorage();
  const a = await openClient(stack, ada, { storage });
  const view = a.timeline(id);
  await post(bob, id, 'before');
  await until('there', () => texts(view).length === 1);
  a.setDraft(id, { text: 'unsent', reply_to: null });
  await stack.db.query('SELECT parley._epoch(true)');
  for (const relay of stack.relays) await stack.restartRelay(relay);
  await until('connected again', () => a.connection.value.state === 'connected', 30_000);
  await post(bob, id, 'after');
  await until('goes on', () => texts(view).includes('after'));
  assert.equal(a.draft(id).value.text, 'unsent');
});

test('an expired session: the screen and the outbox stay, and go on after a login as the same account', async () => {
  const { ada, bob, id } = await pair();
  const b = await openClient(stack, bob);
  const theirs = b.timeline(id);
  const a = await openClient(stack, ada);
  await ada.post('/api/logout');
  await until('expired', () => a.phase.value === 'expired');
  assert.ok(a.conversation(id).value);
  await a.send(id, { body: 'written meanwhile' });
  assert.equal(a.totals.value.waiting, 1);
  await a.login({ login: ada.login, password: ada.password, bearer: true });
  assert.equal(a.phase.value, 'in');
  await until('sent', () => texts(theirs).includes('written meanwhile') && a.totals.value.waiting === 0);
});

test('another account never sees the outbox; the first one finds it again', async () => {
  const { ada, bob, id } = await pair();
  const storage = memoryStorage();
  const a = await openClient(stack, ada, { storage });
  await ada.post('/api/logout');
  await until('expired', () => a.phase.value === 'expired');
  await a.send(id, { body: 'mine alone' });
  await a.login({ login: bob.login, password: bob.password, bearer: true });
  assert.equal(a.account.value?.id, bob.id);
  assert.equal(a.outbox.value.length, 0);
  await a.login({ login: ada.login, password: ada.password, bearer: true });
  const view = a.timeline(id);
  await until('sent', () => texts(view).includes('mine alone') && a.outbox.value.length === 0);
  assert.equal(view.items.value.at(-1)?.message?.sender, ada.id);
});

test('a crash between the commit and the answer: the repeat is the same message', async () => {
  const { ada, bob, id } = await pair();
  const storage = memoryStorage();
  const ref = crypto.randomUUID();
  expectStatus(await ada.post('/api/messages', { ref, conversation: id, body: 'once' }), 201);
  const entry = { ref, conversation: id, body: 'once', reply_to: null, thread: null, mentions: [], attachments: [], created: Date.now(), order: Date.now(), state: 'waiting', seq: null, problem: null };
  await storage.write([{ key: `a/${ada.id}/out/${ref}`, value: entry }]);
  const a = await openClient(stack, ada, { storage });
  await until('settled', () => a.outbox.value.length === 0);
  const b = await openClient(stack, bob);
  const theirs = b.timeline(id);
  await until('there once', () => texts(theirs).length === 1);
  assert.deepEqual(await storage.list(`a/${ada.id}/out/`), []);
});

test('without any network it starts from the cache', async () => {
  const { ada, bob, id } = await pair();
  const storage = memoryStorage();
  const a = await openClient(stack, ada, { storage });
  await post(bob, id, 'kept');
  await until('there', () => a.conversation(id).value?.unread === 1);
  await a.close();
  const offline = newClient({ url: 'http://127.0.0.1:9' }, ada, { storage });
  await offline.start();
  assert.equal(offline.phase.value, 'in');
  assert.equal(offline.conversation(id).value?.last_message?.body, 'kept');
  await until('offline', () => offline.connection.value.state === 'offline');
});

test('drafts come back: unsent, on the server already, and from another device', async () => {
  const { ada, bob, id } = await pair();
  const group = await stack.group(ada, [bob]);
  const storage = memoryStorage();
  const a = await openClient(stack, ada, { storage });
  a.setDraft(id, { text: 'long ago', reply_to: null });
  const other = await openClient(stack, ada);
  await until('the other device has it', () => other.draft(id).value.text === 'long ago');
  a.setDraft(group, { text: 'just now', reply_to: null });
  await new Promise((next) => setTimeout(next, 50));
  const kept = memoryStorage();
  await kept.write([...(await storage.list(''))]);
  const again = await openClient(stack, ada, { storage: kept });
  assert.equal(again.draft(id).value.text, 'long ago');
  assert.equal(again.draft(group).value.text, 'just now');
  other.setDraft(id, { text: 'newer', reply_to: null });
  await until('newer everywhere', () => a.draft(id).value.text === 'newer' && again.draft(id).value.text === 'newer');
  await until('and in the list', () => a.conversation(id).value?.draftText === 'newer');
});

test('a draft that another device empties is empty here, also after one of this device was', async () => {
  const { ada, id } = await pair();
  const a = await openClient(stack, ada);
  const onServer = async () => (await ada.get(`/api/conversations/${id}`)).body.conversation.draft ?? '';
  for (const text of ['one', '']) {
    a.setDraft(id, { text, reply_to: null });
    await until(`the server has '${text}'`, async () => (await onServer()) === text);
  }
  for (const text of ['two', '']) {
    await ada.patch(`/api/conversations/${id}/me`, { draft: text || null });
    await until(`'${text}' is here`, () => a.draft(id).value.text === text);
  }
});
