// SPDX-License-Identifier: Apache-2.0
//
// Who is too fast is told so and by how much, loses nothing else, and typing is dropped without a word. A poll waits no longer
// than poll_wait_max.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { TRANSPORTS, type LiveEvent, type PollLive } from '../../lib/live.ts';
import { useStack } from '../../lib/stack.ts';

const stack = useStack({ config: { message_rate_limit: '3/600', command_rate_limit: '1/600', command_burst: 10, poll_wait_max: 1 } });

function tooFast({ type, error }: LiveEvent): void {
  assert.deepEqual([type, error.type, error.status], ['failed', 'urn:parley:too_many', 429]);
  assert.ok(error.retry_after > 0 && error.retry_after <= 600);
}

for (const transport of TRANSPORTS) {
  describe(`rates over ${transport}`, () => {
    it('messages are counted for the account, on all its sessions', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [one, two, other] = [stack.open(transport, ada), stack.open(transport, ada), stack.open(transport, bob)];
      await Promise.all([one.hello(), two.hello(), other.hello()]);
      for (const live of [one, two, two]) assert.equal((await live.say(conversation, 'x')).type, 'sent');
      for (const live of [one, two]) tooFast(await live.say(conversation, 'too many'));
      assert.equal((await other.say(conversation, 'mine')).seq, 4);
      await one.settle();
    });

    it('other commands for the session, which may say some at once', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [live, calm, other] = [stack.open(transport, ada), stack.open(transport, ada), stack.open(transport, bob)];
      await Promise.all([live.hello(), calm.hello(), other.hello()]);
      live.send({ type: 'ping' }, ...Array.from({ length: 11 }, (_, n) => ({ type: 'ping', n })), { type: 'typing', conversation }, { type: 'ping', n: 99 });
      const refused = await live.seen('failed');
      tooFast(refused);
      assert.equal(refused.command, 'ping');
      const ref = randomUUID();
      live.send({ type: 'send', ref, conversation, body: 'still' });
      assert.equal((await live.answer(ref)).type, 'sent'); // messages have a rate of their own
      await other.seen('message');
      assert.deepEqual([live, other].flatMap((l) => l.events.filter((e) => e.type === 'typing' || e.command === 'typing')), []);
      const pongs = live.events.filter((e) => e.type === 'pong');
      assert.deepEqual(pongs.map((e) => [e.n, typeof e.time]), [[undefined, 'string'], ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n, 'string'])]); // and the hello
      await calm.settle();
    });
  });
}

it('a poll that asks for a longer wait, or for none, waits as long as it may', async () => {
  const live = stack.open('poll', await stack.person('ada')) as PollLive;
  const { body } = await live.post({ session: null, ack: 0, commands: [{ type: 'hello' }] });
  let { batch: ack, events } = body;
  while (events.length > 0) ({ batch: ack, events } = (await live.post({ session: body.session, ack, wait: 1 })).body);
  for (const wait of [{ wait: 99 }, {}]) {
    const started = performance.now();
    assert.deepEqual((await live.post({ session: body.session, ack, ...wait })).body.events, []);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds > 0.95 && seconds < 10, `${seconds} s`);
  }
});
