// SPDX-License-Identifier: Apache-2.0
//
// The database away, a relay killed: what was answered is there, what was not is repeated and settles, all heals by itself.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Cluster } from '../../lib/cluster.ts';
import { TRANSPORTS, type Live, type Transport } from '../../lib/live.ts';
import { Stack, type Person } from '../../lib/stack.ts';
import { pause, until } from '../../lib/wait.ts';
import { Mirror } from '../mirror.ts';

// A cluster of its own: it is killed here.
let cluster: Cluster;
let stack: Stack;
before(async () => {
  cluster = await Cluster.start({ settings: ['fsync=on'] });
  stack = await Stack.start({ cluster });
});
after(async () => {
  await stack?.stop();
  await cluster?.stop();
});

/** Comes back as clients do, again and again: a relay that has just lost its lease says `unavailable` for a while. */
function back(transport: Transport, person: Person, relay: string, members: Record<string, unknown> = {}): Promise<Live> {
  return until(`${person.login} is back at ${relay}`, async () => {
    const live = stack.open(transport, person, relay);
    await live.hello(members);
    return live;
  });
}

for (const transport of TRANSPORTS) {
  describe(`over ${transport}`, () => {
    it('PostgreSQL killed and restarted: every ref is stored once and told once', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      let [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello()]);
      const refs: string[] = [];
      let talking = true;
      const talk = (async () => {
        while (talking && !from.ending) {
          const ref = randomUUID();
          refs.push(ref);
          from.send({ type: 'send', ref, conversation, body: `line ${refs.length}` });
          await pause(refs.length < 200 ? 5 : 50); // thick where it is killed; what the long wait adds proves no more
        }
      })();
      await to.seen('message', (m) => m.seq === 20);
      await cluster.crash({ settings: ['fsync=on'] });
      await until('the stack is healthy', async () => (await stack.api().get('/api/health')).status === 200);
      talking = false;
      await talk;
      const answered = async (ref: string) => from.ending ? from.events.find((e) => e.ref === ref && e.type === 'sent')
        : from.seen('sent', (e) => e.ref === ref, 3000).catch(() => undefined);
      const answers = await Promise.all(refs.map(answered));
      const open = refs.filter((_, at) => !answers[at]);
      for (const e of from.events.filter((f) => f.type === 'failed')) assert.equal(e.error.type, 'urn:parley:unavailable');
      // A relay that was without its lease for ten seconds ends its sessions; they come back as clients do.
      if (from.ending) {
        // Of a WebSocket the bye counts: the close frame may be lost under what was still being sent.
        if (transport === 'ws') assert.equal(from.events.at(-1)!.reason, 'unavailable');
        else assert.equal(from.ending.code, 503);
      }
      for (const ref of open) {
        await until(`${ref} is settled`, async () => {
          if (from.ending) from = await back(transport, ada, 'a');
          return (await from.say(conversation, 'again', { ref })).type === 'sent';
        });
      }
      const mirror = new Mirror();
      const whole = () => mirror.messages.get(conversation)?.size === refs.length;
      for (;;) {
        await to.seen('message', (m) => m.seq === refs.length).catch((error) => assert.ok(to.ending, String(error)));
        mirror.take(to);
        if (whole()) break;
        assert.ok(to.ending, 'messages are missing in a session that goes on');
        to = await back(transport, bob, 'b', mirror.resume);
      }
      const [{ n }] = await stack.db.query<{ n: number }>('SELECT count(*)::int AS n FROM parley.message WHERE conversation_id = $1', [conversation]) as [{ n: number }];
      assert.equal(n, refs.length);
    });

    it('a relay killed: who resumes at the other misses nothing and doubles nothing', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const refs = Array.from({ length: 200 }, () => randomUUID());
      let from = stack.open(transport, ada, 'a');
      let to = stack.open(transport, bob, 'a');
      await Promise.all([from.hello(), to.hello()]);
      const talk = (async () => {
        for (const [i, ref] of refs.entries()) {
          from.send({ type: 'send', ref, conversation, body: `line ${i}` });
          if (i % 10 === 0) await pause(5);
        }
      })();
      await to.seen('message', (m) => m.seq === 20);
      await stack.restartRelay('a');
      await talk;
      await Promise.all([from.end(), to.end()]);
      const mirror = new Mirror();
      mirror.take(to);
      const settled = new Set(from.events.filter((e) => e.type === 'sent').map((e) => e.ref));
      [from, to] = [stack.open(transport, ada, 'b'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello(mirror.resume)]);
      for (const [i, ref] of refs.entries()) {
        if (!settled.has(ref)) assert.equal((await from.say(conversation, `line ${i}`, { ref })).type, 'sent');
      }
      // It may have had all of it before its relay went.
      if (!mirror.messages.get(conversation)!.has(refs.length)) await to.seen('message', (m) => m.seq === refs.length);
      mirror.take(to);
      assert.deepEqual(mirror.texts(conversation).sort(), refs.map((_, i) => `line ${i}`).sort());
    });
  });
}
