// SPDX-License-Identifier: Apache-2.0
//
// `read`, `received` and `typing`: told to the other members of small conversations; an own `read` to one's other devices
// always; markers never move back and never beyond the last message.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import pg from 'pg';
import { expectStatus } from '../../lib/http.ts';
import { TRANSPORTS } from '../../lib/live.ts';
import { useStack } from '../../lib/stack.ts';
import { pause, until } from '../../lib/wait.ts';

const stack = useStack({ config: { receipts_max_members: 3 } });

for (const transport of TRANSPORTS) {
  describe(`receipts over ${transport}`, () => {
    it('read goes to members and own devices, and counts what remains', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [from, to, phone] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b'), stack.open(transport, bob, 'a')];
      await Promise.all([from.hello(), to.hello(), phone.hello()]);
      for (const body of ['one', 'two', 'three']) await from.say(conversation, body);
      to.send({ type: 'read', conversation, seq: 2 });
      const told = await from.seen('read');
      assert.deepEqual([told.conversation, told.account, told.seq, told.account_mod], [conversation, bob.id, 2, undefined]);
      for (const own of [to, phone]) {
        const read = await own.seen('read');
        assert.deepEqual([read.account, read.seq, read.unread], [bob.id, 2, 1]);
        assert.ok(read.account_mod > 0);
      }
      to.send({ type: 'read', conversation, seq: 1 }, { type: 'read', conversation, seq: 999 });
      const clamped = await from.seen('read', (e) => e.seq !== 2);
      assert.equal(clamped.seq, 3);
      const { members } = expectStatus(await ada.get(`/api/groups/${conversation}/members`), 200);
      assert.deepEqual(members.find((m: { account: unknown; id?: string }) => JSON.stringify(m).includes(bob.id)).read_seq, 3);
    });

    it('received is the second tick, and read implies it', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello()]);
      await from.say(conversation, 'one');
      to.send({ type: 'received', conversation, seq: 1 });
      const tick = await from.seen('received');
      assert.deepEqual([tick.conversation, tick.account, tick.seq], [conversation, bob.id, 1]);
      await from.say(conversation, 'two');
      to.send({ type: 'read', conversation, seq: 2 });
      await from.seen('read', (e) => e.seq === 2);
      // Said again, by whichever relay hears of it: told once.
      await pause(1500);
      assert.equal(from.events.filter((e) => e.type === 'received').length, 1);
      assert.equal(from.events.filter((e) => e.type === 'read').length, 1);
    });

    it('a read takes effect after the send before it in its frame', async () => {
      const [ada, bob, cid] = [await stack.person('ada'), await stack.person('bob'), await stack.person('cid')];
      const [conversation, other] = [await stack.direct(ada, bob), await stack.direct(cid, bob)];
      const [from, to, beside] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b'), stack.open(transport, cid, 'a')];
      await Promise.all([from.hello(), to.hello(), beside.hello()]);
      await beside.say(other, 'one');
      // The send is kept waiting until a later marker of the same relay has been written.
      const locker = new pg.Client({ host: stack.db.cluster.dir, database: stack.db.name, user: 'postgres' });
      await locker.connect();
      await locker.query('BEGIN');
      await locker.query('SELECT 1 FROM parley.conversation WHERE id = $1 FOR UPDATE', [conversation]);
      from.send({ type: 'send', ref: randomUUID(), conversation, body: 'one' }, { type: 'read', conversation, seq: 1 });
      await from.settle();
      beside.send({ type: 'read', conversation: other, seq: 1 });
      await to.seen('read', (e) => e.account === cid.id);
      await locker.query('COMMIT');
      await locker.end();
      assert.equal((await to.seen('read', (e) => e.account === ada.id)).seq, 1);
    });

    it('the markers of the 50 most recently active are told after ready', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const places = await stack.db.query<{ id: string }>(`
        WITH made AS (INSERT INTO parley.conversation (id, store, last_seq, mod, members_count, created, created_by)
            SELECT parley._id(), 1, 1, 2, 2, now(), $1 FROM generate_series(1, 52) RETURNING id)
        INSERT INTO parley.membership (conversation_id, account_id, role, mod, account_mod, joined_mod, read_seq, joined)
            SELECT m.id, a, 'member', 1, 0, 0, 1, now() FROM made m, unnest(ARRAY[$1, $2]::bigint[]) a RETURNING conversation_id AS id`, [ada.id, bob.id]);
      const recent = [...new Set(places.map(({ id }) => id))].sort().slice(2);
      const live = stack.open(transport, ada);
      await live.hello();
      await live.seen('read', (e) => e.conversation === recent[0]);
      await live.settle();
      assert.deepEqual(live.events.filter((e) => e.type === 'read').map((e) => e.conversation), recent.reverse());
    });

    it('markers are told after ready', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const to = stack.open(transport, bob, 'b');
      await to.hello();
      const first = stack.open(transport, ada, 'a');
      await first.hello();
      await first.say(conversation, 'one');
      to.send({ type: 'read', conversation, seq: 1 });
      await first.seen('read');
      const late = stack.open(transport, ada, 'a');
      await late.hello();
      assert.deepEqual([(await late.next('read')).seq, (await late.next('received')).seq], [1, 1]);
    });

    it('markers that come late are not told to who has left meanwhile', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const [gone, kept] = [await stack.group(ada, [bob]), await stack.direct(ada, bob)];
      const [{ body }] = await stack.db.query<{ body: string }>(`SELECT pg_get_functiondef('api.live_markers'::regproc) AS body`) as [{ body: string }];
      const slow = body.replace(/AS \$function\$[^]*/, `AS $function$
        BEGIN
          RETURN QUERY SELECT 1::bigint, c.id, format('{"type":"read","conversation":"%s","account":"${ada.id}","seq":1}', c.id)
            FROM unnest(ARRAY[${gone}, ${kept}]) c (id), pg_sleep(1.5);
        END $function$`);
      await stack.db.query(slow);
      const live = stack.open(transport, bob, 'b');
      await live.hello();
      expectStatus(await ada.delete(`/api/groups/${gone}/members/${bob.id}`), 204);
      await live.seen('left', (e) => e.conversation === gone);
      await live.seen('read', (e) => e.conversation === kept);
      await stack.db.query(body);
      assert.deepEqual(live.events.filter((e) => e.type === 'read' && e.conversation === gone), []);
    });

    it('a large conversation tells nobody but the reader', async () => {
      const people = await Promise.all(['ada', 'bob', 'cyd', 'dan'].map((name) => stack.person(name)));
      const [ada, bob] = people as [typeof people[0], typeof people[0]];
      const conversation = await stack.group(ada!, people.slice(1));
      const [from, to, phone] = [stack.open(transport, ada!, 'a'), stack.open(transport, bob!, 'b'), stack.open(transport, bob!, 'a')];
      await Promise.all([from.hello(), to.hello(), phone.hello()]);
      const { seq } = await from.say(conversation, 'one');
      to.send({ type: 'typing', conversation }, { type: 'read', conversation, seq });
      await phone.seen('read', (e) => e.seq === seq);
      await pause(300);
      await from.settle();
      assert.deepEqual(from.events.filter((e) => ['read', 'received', 'typing'].includes(e.type)), []);
    });

    it('typing reaches the others at once and ends by itself', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [from, to, own] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b'), stack.open(transport, ada, 'b')];
      await Promise.all([from.hello(), to.hello(), own.hello()]);
      from.send({ type: 'typing', conversation });
      const on = await to.next('typing');
      assert.deepEqual([on.conversation, on.account, on.on], [conversation, ada.id, true]);
      from.send({ type: 'typing', conversation, on: false });
      assert.equal((await to.next('typing')).on, false);
      const began = performance.now();
      from.send({ type: 'typing', conversation });
      assert.equal((await to.next('typing')).on, true);
      assert.equal((await to.next('typing')).on, false);
      const lasted = performance.now() - began;
      assert.ok(lasted > 5500 && lasted < 9000, `${lasted} ms`);
      assert.deepEqual(own.events.filter((e) => e.type === 'typing'), []);
    });

    it('a crowd of markers is written in slices, none of which keeps the lease waiting', async () => {
      const bob = await stack.person('bob');
      const places = await stack.db.query<{ id: string }>(`
        WITH made AS (INSERT INTO parley.conversation (id, store, last_seq, mod, members_count, created, created_by)
            SELECT parley._id(), 1, 1, 2, 2, now(), $1 FROM generate_series(1, 2500) RETURNING id)
        INSERT INTO parley.membership (conversation_id, account_id, role, mod, account_mod, joined_mod, joined)
            SELECT m.id, $1, 'member', 1, 0, 0, now() FROM made m RETURNING conversation_id AS id`, [bob.id]);
      await stack.db.query('TRUNCATE parley.change_hint');
      const live = stack.open(transport, bob, 'b');
      await live.hello();
      for (let i = 0; i < places.length; i += 100) live.send(...places.slice(i, i + 100).map(({ id }) => ({ type: 'received', conversation: id, seq: 1 })));
      await until('all of them', async () =>
        (await stack.db.query('SELECT FROM parley.membership WHERE account_id = $1 AND received_seq = 0', [bob.id])).length === 0);
      const slices = await stack.db.query<{ n: number }>(`SELECT regexp_count(lines, '^r ', 1, 'n') AS n FROM parley.change_hint WHERE lines LIKE 'r %'`);
      assert.ok(slices.every(({ n }) => n <= 1000), JSON.stringify(slices));
    });

    it('who is not a member tells nobody', async () => {
      const [ada, bob, eve] = [await stack.person('ada'), await stack.person('bob'), await stack.person('eve')];
      const conversation = await stack.direct(ada, bob);
      const [from, out] = [stack.open(transport, ada, 'a'), stack.open(transport, eve, 'b')];
      await Promise.all([from.hello(), out.hello()]);
      await from.say(conversation, 'one');
      out.send({ type: 'typing', conversation }, { type: 'read', conversation, seq: 1 });
      assert.equal((await out.seen('failed', (e) => e.command === 'read')).error.type, 'urn:parley:not_a_member');
      await from.settle();
      assert.deepEqual(from.events.filter((e) => e.type === 'typing' || e.type === 'read'), []);
    });
  });
}
