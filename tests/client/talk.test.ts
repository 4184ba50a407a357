// SPDX-License-Identifier: Apache-2.0
//
// Two people talk through the library, over both transports and across relays.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useStack } from '../lib/stack.ts';
import { openClient, texts, TRANSPORTS, until } from './lib.ts';

const stack = useStack();

for (const transport of TRANSPORTS) {
  test(`${transport}: a message is shown at once, settles, and arrives on the other side`, async () => {
    const ada = await stack.person('ada');
    const bob = await stack.person('bob');
    const a = await openClient(stack, ada, { only: transport });
    const b = await openClient(stack, bob, { only: transport });
    const id = await a.direct(bob.id);
    const mine = a.timeline(id);
    await until('bob has the conversation', () => b.conversation(id).value);
    const theirs = b.timeline(id);
    const ref = await a.send(id, { body: 'hello' });
    assert.equal(mine.items.value.at(-1)?.key, ref);
    await until('it settles', () => a.outbox.value.length === 0 && texts(mine).at(-1) === 'hello');
    assert.equal(mine.items.value.at(-1)?.key, ref);
    await until('bob reads it', () => texts(theirs).at(-1) === 'hello');
    assert.equal(b.conversation(id).value?.unread, 1);
    await until('second tick', () => mine.delivery(mine.items.value.at(-1)!) === 'received');
    b.read(id, 1);
    assert.equal(b.conversation(id).value?.unread, 0);
    await until('read', () => mine.delivery(mine.items.value.at(-1)!) === 'read');
  });
}
