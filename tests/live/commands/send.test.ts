// SPDX-License-Identifier: Apache-2.0
//
// `send`: answered once stored, told to every device of every member on whichever relay, once for each ref.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { expectStatus } from '../../lib/http.ts';
import { TRANSPORTS } from '../../lib/live.ts';
import { useStack } from '../../lib/stack.ts';

const stack = useStack();

for (const transport of TRANSPORTS) {
  describe(`send over ${transport}`, () => {
    it('crosses relays and shows the ref to its sender only', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const from = stack.open(transport, ada, 'a');
      const other = stack.open(transport, ada, 'b');
      const to = stack.open(transport, bob, 'b');
      await Promise.all([from.hello(), other.hello(), to.hello()]);
      const ref = randomUUID();
      const sent = await from.say(conversation, 'hello', { ref });
      assert.equal(sent.type, 'sent');
      assert.deepEqual([sent.ref, sent.conversation, sent.seq], [ref, conversation, 1]);
      assert.match(sent.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      for (const [live, shown] of [[from, ref], [other, ref], [to, undefined]] as const) {
        const message = await live.seen('message');
        assert.deepEqual([message.body, message.sender, message.seq, message.mod, message.id, message.ref, message.kind, message.time],
          ['hello', ada.id, 1, sent.mod, sent.id, shown, 'text', sent.time]);
      }
    });

    it('keeps the order of one frame and answers each', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello()]);
      const refs = Array.from({ length: 100 }, () => randomUUID());
      from.send(...refs.map((ref, i) => ({ type: 'send', ref, conversation, body: `line ${i}` })));
      await to.seen('message', (m) => m.seq === 100);
      assert.deepEqual(to.events.filter((e) => e.type === 'message').map((m) => m.body), refs.map((_, i) => `line ${i}`));
      await from.seen('sent', (e) => e.ref === refs[99]);
      const sent = from.events.filter((e) => e.type === 'sent');
      assert.deepEqual(sent.map((e) => [e.ref, e.seq]), refs.map((ref, i) => [ref, i + 1]));
    });

    it('stores one ref once, whatever its body and however often', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello()]);
      const ref = randomUUID();
      from.send({ type: 'send', ref, conversation, body: 'first' }, { type: 'send', ref, conversation, body: 'second' });
      await from.next('sent', (e) => e.ref === ref);
      await from.next('sent', (e) => e.ref === ref);
      const other = stack.open(transport, ada, 'b');
      await other.hello();
      const again = await other.say(conversation, 'third', { ref: ref.toUpperCase() });
      assert.deepEqual([again.type, again.seq], ['sent', 1]);
      await from.say(conversation, 'end');
      await to.seen('message', (m) => m.body === 'end');
      assert.deepEqual(to.events.filter((e) => e.type === 'message').map((m) => [m.seq, m.body]), [[1, 'first'], [2, 'end']]);
      // The same ref from another, or elsewhere, is another message.
      assert.equal((await to.say(conversation, 'mine', { ref })).seq, 3);
    });

    it('carries replies, threads and those mentions that are members', async () => {
      const [ada, bob, eve] = [await stack.person('ada'), await stack.person('bob'), await stack.person('eve')];
      const conversation = await stack.group(ada, [bob]);
      const [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello()]);
      const first = await from.say(conversation, 'first');
      const sent = await from.say(conversation, '@bob', { reply_to: first.seq, thread: first.seq, mentions: [bob.id, eve.id, bob.id] });
      const message = await to.seen('message', (m) => m.seq === sent.seq);
      assert.deepEqual([message.reply_to, message.thread, message.mentions], [first.seq, first.seq, [bob.id]]);
      assert.match((await from.say(conversation, 'x', { reply_to: 999 })).error.type, /no_such_message/);
      const own = expectStatus(await bob.get(`/api/conversations/${conversation}`), 200);
      assert.equal((own.conversation ?? own).mentions, 1);
    });

    it('delivers a long text whole', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello()]);
      const body = '😀"\\\n'.repeat(4000);
      assert.equal((await from.say(conversation, body)).type, 'sent');
      assert.equal((await to.seen('message')).body, body);
      const tooLong = await from.say(conversation, `${body}.`);
      assert.deepEqual([tooLong.type, tooLong.command, tooLong.error.type, tooLong.error.status], ['failed', 'send', 'urn:parley:invalid', 400]);
    });

    it('refuses who is not a member, also one that does not exist', async () => {
      const [ada, bob, eve] = [await stack.person('ada'), await stack.person('bob'), await stack.person('eve')];
      const conversation = await stack.direct(ada, bob);
      const live = stack.open(transport, eve, 'a');
      await live.hello();
      for (const there of [conversation, '1', '9223372036854775807']) {
        const failed = await live.say(there, 'let me in');
        assert.deepEqual([failed.type, failed.error.type, failed.error.status], ['failed', 'urn:parley:not_a_member', 403]);
      }
    });

    it('answers a repeated ref also after its sender has left', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.group(ada, [bob]);
      const live = stack.open(transport, bob, 'b');
      await live.hello();
      const ref = randomUUID();
      const sent = await live.say(conversation, 'good bye', { ref });
      expectStatus(await bob.delete(`/api/groups/${conversation}/members/${bob.id}`), 204);
      await live.seen('left');
      const again = await live.say(conversation, 'good bye', { ref });
      assert.deepEqual([again.type, again.seq, again.id], ['sent', sent.seq, sent.id]);
      assert.equal((await live.say(conversation, 'and more')).error.type, 'urn:parley:not_a_member');
    });

    it('is one message with POST /api/messages of the same ref', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const live = stack.open(transport, ada, 'a');
      await live.hello();
      const ref = randomUUID();
      const { message } = expectStatus(await ada.post('/api/messages', { ref, conversation, body: 'by post' }), 201);
      assert.equal((await live.seen('message')).ref, ref);
      assert.equal((await live.say(conversation, 'by wire', { ref })).id, message.id);
    });
  });
}
