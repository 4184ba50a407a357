// SPDX-License-Identifier: Apache-2.0
//
// What one client may use: its queue, its live sessions; and that who does not read hurts nobody else.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useStack } from '../../lib/stack.ts';
import { TRANSPORTS } from '../../lib/live.ts';
import { ready } from './raw.ts';

const stack = useStack({ relays: ['a'], config: { live_sessions_max: 3 } });

describe('a client that does not read', () => {
  it('is told behind, and resumes from where it was', { timeout: 120_000 }, async () => {
    const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
    const conversation = await stack.direct(ada, bob);
    const reader = stack.open('ws', bob, 'a');
    await reader.hello();
    const slow = await ready(stack.socket('relay-a'), bob.token);
    slow.socket.pause();
    const writer = stack.open('ws', ada, 'a');
    await writer.hello();
    const COUNT = 120;
    for (let i = 0; i < COUNT; i++) await writer.say(conversation, `${i} ${'x'.repeat(12_000)}`);
    await reader.seen('message', (event) => event.seq === COUNT);
    slow.socket.resume();
    const before: any[] = [];
    while (!before.some((event) => event.type === 'behind')) before.push(...(await slow.events()));
    assert.equal(before.at(-1).type, 'behind');
    const held = Math.max(0, ...before.filter((event) => event.type === 'message').map((event) => event.mod as number));
    assert.ok(held < COUNT);
    await writer.say(conversation, 'not for who is behind');
    slow.say({ type: 'ping', n: 1 });
    assert.deepEqual((await slow.events()).map((event) => event.type), ['pong']);
    slow.say({ type: 'hello', resume: { [conversation]: held } });
    const after: any[] = [];
    while (!after.some((event) => event.type === 'ready')) after.push(...(await slow.events()));
    const seqs = after.filter((event) => event.type === 'message').map((event) => event.seq as number);
    assert.deepEqual(seqs, Array.from({ length: COUNT + 2 - seqs[0]! }, (_, i) => seqs[0]! + i));
    assert.equal(seqs.at(-1), COUNT + 1);
    slow.end();
  });

  it('that polls no more is told behind, too', { timeout: 120_000 }, async () => {
    const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
    const conversation = await stack.direct(ada, bob);
    const call = async (body: object): Promise<any> => (await bob.call('POST', '/live/a/poll', body)).body;
    let { session, batch, events } = await call({ session: null, ack: 0, commands: [{ type: 'hello' }] });
    /** Polls until an event of that type has come; the last events are left in `events`. */
    const pollUntil = async (type: string): Promise<void> => {
      while (!events.some((event: any) => event.type === type)) ({ batch, events } = await call({ session, ack: batch, wait: 5 }));
    };
    await pollUntil('ready');
    const writer = stack.open('ws', ada, 'a');
    await writer.hello();
    for (let i = 0; i < 30; i++) await writer.say(conversation, `${i} ${'x'.repeat(15_000)}`);
    await pollUntil('behind');
    assert.equal(events.at(-1).type, 'behind');
    const again = await call({ session, ack: batch, wait: 5, commands: [{ type: 'hello', resume: { [conversation]: 0 } }] });
    assert.equal(again.events[0].type, 'welcome');
  });
});

for (const transport of TRANSPORTS) {
  describe(`live sessions of one account over ${transport}`, () => {
    it('above the bound end the oldest', async () => {
      const ada = await stack.person('ada');
      const lives = [];
      for (let i = 0; i < 3; i++) {
        const live = stack.open(transport, ada, 'a');
        await live.hello();
        lives.push(live);
      }
      const fourth = stack.open(transport, ada, 'a');
      await fourth.hello();
      const bye = await lives[0]!.seen('bye');
      assert.deepEqual([bye.reason, bye.reconnect_ms], ['too_many', undefined]);
      const end = await lives[0]!.end();
      assert.equal(end.code, transport === 'ws' ? 4003 : 410);
      for (const live of [lives[1]!, lives[2]!, fourth]) await live.settle();
    });
  });
}
