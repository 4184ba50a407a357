// SPDX-License-Identifier: Apache-2.0
//
// Every notification suppressed: reconciliation alone brings all of it, a little later.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { expectStatus } from '../../lib/http.ts';
import { TRANSPORTS } from '../../lib/live.ts';
import { useStack } from '../../lib/stack.ts';
import { mirrorOf } from '../mirror.ts';

const stack = useStack({ env: { PARLEY_TEST_DROP_NOTIFY: '1' } });
const SOON = process.env.SANITIZE ? 10_000 : 4000;

for (const transport of TRANSPORTS) {
  describe(`without notifications, over ${transport}`, () => {
    it('messages, changes, members and markers arrive', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello()]);
      const conversation = await stack.group(ada, [bob]);
      // Who learns of it after the first message has it in the row, and no event of its own.
      for (const live of [from, to]) await live.seen('conversation', (e) => e.conversation.id === conversation, SOON);
      const first = await from.say(conversation, 'first');
      await to.seen('message', (m) => m.seq === first.seq, SOON);
      await from.seen('message', (m) => m.ref === first.ref, SOON);
      from.send({ type: 'edit', ref: randomUUID(), conversation, seq: first.seq, body: 'edited' });
      await to.seen('message', (m) => m.body === 'edited', SOON);
      to.send({ type: 'read', conversation, seq: first.seq });
      await from.seen('read', (e) => e.account === bob.id && e.seq === first.seq, SOON);
      await to.seen('read', (e) => e.account_mod > 0, SOON);
      expectStatus(await ada.delete(`/api/groups/${conversation}/members/${bob.id}`), 204);
      await to.seen('left', (e) => e.account === bob.id, SOON);
      const after = await from.say(conversation, 'among us');
      await from.seen('message', (m) => m.seq === after.seq, SOON);
      await to.settle();
      mirrorOf(to);
      mirrorOf(from);
      assert.ok(!to.events.some((m) => m.body === 'among us'));
    });

    it('a flow arrives whole and in order', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello()]);
      for (let i = 0; i < 150; i++) await from.say(conversation, `line ${i}`);
      await to.seen('message', (m) => m.seq === 150, SOON);
      assert.deepEqual(mirrorOf(to).texts(conversation), Array.from({ length: 150 }, (_, i) => `line ${i}`));
    });

    it('a logout ends the sessions', async () => {
      const ada = await stack.person('ada');
      const live = stack.open(transport, ada, 'b');
      await live.hello();
      expectStatus(await ada.post('/api/logout'), 204);
      assert.equal((await live.next('bye', undefined, SOON)).reason, 'revoked');
      assert.equal((await live.end()).code, transport === 'ws' ? 4002 : 401);
    });
  });
}
