// SPDX-License-Identifier: Apache-2.0
//
// Writing while connections break: what is answered `sent` is stored once, what is not known is asked again, never `failed`.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { TRANSPORTS } from '../../lib/live.ts';
import { useStack } from '../../lib/stack.ts';
import { pause } from '../../lib/wait.ts';
import { mirrorOf } from '../mirror.ts';

const stack = useStack({ alone: true });

const cutWriters = () => stack.db.query(
  `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE '%relay' AND query LIKE '%live_post%'`);

for (const transport of TRANSPORTS) {
  describe(`writing over ${transport}`, () => {
    it('connections lost in between: each ref is sent once, in order', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello()]);
      const refs = Array.from({ length: 400 }, () => randomUUID());
      let cutting = true;
      const cuts = (async () => {
        while (cutting) {
          await cutWriters();
          await pause(30);
        }
      })();
      for (let i = 0; i < refs.length; i += 10) {
        from.send(...refs.slice(i, i + 10).map((ref, k) => ({ type: 'send', ref, conversation, body: `line ${i + k}` })));
        await pause(5);
      }
      await pause(300);
      cutting = false;
      await cuts;
      for (const ref of refs) await from.seen('sent', (e) => e.ref === ref);
      assert.deepEqual(from.events.filter((e) => e.type === 'failed'), []);
      await to.seen('message', (m) => m.seq === refs.length);
      assert.deepEqual(mirrorOf(to).texts(conversation), refs.map((_, i) => `line ${i}`));
      const [{ n }] = await stack.db.query<{ n: number }>('SELECT count(*)::int AS n FROM parley.message WHERE conversation_id = $1', [conversation]) as [{ n: number }];
      assert.equal(n, refs.length);
    });

    it('one that the database refuses harms no other of its batch', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const other = await stack.direct(ada, ada);
      const live = stack.open(transport, ada);
      await live.hello();
      // What no check in C foresees: the table itself refuses one text.
      await stack.db.query(`ALTER TABLE parley.message ADD CONSTRAINT test_refuses CHECK (body <> 'refuse me')`);
      const refs = Array.from({ length: 20 }, () => randomUUID());
      live.send(...refs.map((ref, i) => ({ type: 'send', ref, conversation: i % 2 ? conversation : other, body: i === 7 ? 'refuse me' : `line ${i}` })));
      for (const [i, ref] of refs.entries()) {
        const answer = await live.seen(i === 7 ? 'failed' : 'sent', (e) => e.ref === ref);
        if (i === 7) assert.equal(answer.error.status, 500);
      }
      await stack.db.query('ALTER TABLE parley.message DROP CONSTRAINT test_refuses');
    });

    it('a conversation that somebody holds locked delays itself and is answered unavailable', async () => {
      const ada = await stack.person('ada');
      const [held, free] = [await stack.group(ada), await stack.group(ada)];
      const live = stack.open(transport, ada);
      await live.hello();
      const lock = stack.db.query(`SELECT pg_sleep(4) FROM (SELECT 1 FROM parley.conversation WHERE id = $1 FOR UPDATE) x`, [held]);
      await pause(300);
      const ref = randomUUID();
      live.send({ type: 'send', ref, conversation: held, body: 'later' });
      const failed = await live.answer(ref);
      assert.deepEqual([failed.type, failed.error.type, failed.error.retry_after > 0], ['failed', 'urn:parley:unavailable', true]);
      await lock;
      assert.equal((await live.say(held, 'later', { ref })).type, 'sent');
      assert.equal((await live.say(free, 'now')).type, 'sent');
    });
  });
}
