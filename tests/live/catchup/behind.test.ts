// SPDX-License-Identifier: Apache-2.0
//
// A client that does not keep up: its queue is dropped, it is told `behind`, nothing but answers comes until it says hello
// with what it holds, and then it misses nothing.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { LiveEvent, PollLive } from '../../lib/live.ts';
import { useStack } from '../../lib/stack.ts';
import { until } from '../../lib/wait.ts';
import { ready } from '../transport/raw.ts';

const stack = useStack({ config: { queue_bytes: 65536 } });
const LONG = 'x'.repeat(15_000);

describe('behind', () => {
  it('over poll: batches stop at the bound, and a hello brings the rest', async () => {
    const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
    const conversation = await stack.direct(ada, bob);
    const from = stack.open('ws', ada, 'a');
    await from.hello();
    const slow = stack.open('poll', bob, 'b') as PollLive;
    let ack = 0;
    let session: string | null = null;
    const events: LiveEvent[] = [];
    const poll = async (...commands: object[]) => {
      const { status, body } = await slow.post({ session, ack, wait: 0, commands });
      assert.equal(status, 200);
      session = body.session;
      ack = body.batch;
      events.push(...body.events);
    };
    await poll({ type: 'hello' });
    await until('ready', async () => {
      await poll();
      return events.some((e) => e.type === 'ready');
    });
    for (let i = 0; i < 12; i++) await from.say(conversation, `${i} ${LONG}`);
    // A mark to look for: behind comes in the place of what was dropped.
    await until('behind', async () => {
      await poll();
      return events.some((e) => e.type === 'behind');
    });
    const ref = randomUUID();
    await poll({ type: 'send', ref, conversation, body: 'I hear nothing' });
    await until('sent', async () => {
      await poll();
      return events.some((e) => e.type === 'sent' && e.ref === ref);
    });
    const at = events.findIndex((e) => e.type === 'behind');
    assert.deepEqual(events.slice(at + 1).map((e) => e.type), ['sent']);
    await poll({ type: 'hello', resume: { [conversation]: Math.max(1, ...events.filter((e) => e.type === 'message').map((e) => e.mod)) } });
    await until('ready again', async () => {
      await poll();
      return events.filter((e) => e.type === 'ready').length === 2;
    });
    const seqs = events.filter((e) => e.type === 'message').map((e) => e.seq);
    assert.deepEqual([...new Set(seqs)].sort((a, b) => a - b), Array.from({ length: 13 }, (_, i) => i + 1));
  });

  it('over ws: a socket that is not read costs the others nothing', async () => {
    const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
    const conversation = await stack.direct(ada, bob);
    const from = stack.open('ws', ada, 'a');
    await from.hello();
    const slow = await ready(stack.socket('relay-b'), bob.token);
    slow.socket.pause();
    const quick = stack.open('ws', bob, 'b');
    await quick.hello();
    const count = 300; // 4.5 MB: more than sockets hold
    for (let seq = 3; seq <= count; seq += 3) { // three fit into a queue; who reads keeps pace
      for (let k = 0; k < 3; k++) from.send({ type: 'send', ref: randomUUID(), conversation, body: LONG });
      await quick.seen('message', (m) => m.seq === seq);
    }
    slow.socket.resume();
    const told: number[] = [];
    let last = 0;
    for (let behind = false; !behind;) {
      for (const event of await slow.events()) {
        if (event.type === 'message') {
          told.push(event.seq);
          last = event.mod;
        }
        behind ||= event.type === 'behind';
      }
    }
    assert.ok(told.length < count);
    slow.say({ type: 'hello', token: bob.token, resume: { [conversation]: last } });
    for (let done = false; !done;) {
      for (const event of await slow.events()) {
        if (event.type === 'message') told.push(event.seq);
        done ||= event.type === 'ready';
      }
    }
    assert.deepEqual(told, Array.from({ length: count }, (_, i) => i + 1));
    slow.end();
  });
});
