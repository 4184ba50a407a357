// SPDX-License-Identifier: Apache-2.0
//
// Coming back: everything that changed after what the client holds, each in its latest state, in rising mod, and then live.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { expectStatus } from '../../lib/http.ts';
import { TRANSPORTS } from '../../lib/live.ts';
import { useStack, type Person } from '../../lib/stack.ts';
import { Mirror, mirrorOf } from '../mirror.ts';

const stack = useStack();

/** Many messages at once, past the programs: what is told of them is not of interest here. */
async function fill(conversation: string, account: string, count: number): Promise<void> {
  await stack.db.query(`SELECT parley._post(array_agg('send'::text), array_agg($2::bigint), array_agg($1::bigint), array_agg(gen_random_uuid()),
    array_agg('line ' || i), array_agg(NULL::bigint), array_agg(NULL::bigint), array_agg(NULL::bigint), array_agg(NULL::bigint),
    array_agg(NULL::text)) FROM generate_series(1, $3) i`, [conversation, account, count]);
}

const list = async (person: Person) => expectStatus(await person.get('/api/conversations'), 200);

for (const transport of TRANSPORTS) {
  describe(`resume over ${transport}`, () => {
    it('tells what changed while away, once, in its latest state', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.group(ada, [bob]);
      const away = stack.open(transport, bob, 'b');
      await away.hello();
      const from = stack.open(transport, ada, 'a');
      await from.hello();
      const first = await from.say(conversation, 'first');
      const second = await from.say(conversation, 'second');
      await away.seen('message', (m) => m.seq === second.seq);
      const mirror = mirrorOf(away);
      away.close();

      const edit = randomUUID();
      from.send({ type: 'edit', ref: edit, conversation, seq: first.seq, body: 'first, edited' });
      await from.answer(edit);
      const third = await from.say(conversation, 'third');
      from.send({ type: 'react', ref: randomUUID(), conversation, seq: second.seq, emoji: '👍' });
      from.send({ type: 'delete', ref: randomUUID(), conversation, seq: third.seq });
      expectStatus(await ada.patch(`/api/groups/${conversation}`, { title: 'Renamed' }), 200);
      const last = await from.say(conversation, 'last');

      const back = stack.open(transport, bob, 'a');
      await back.hello(mirror.resume);
      mirror.take(back);
      assert.deepEqual(mirror.texts(conversation).filter((t) => t !== undefined), ['first, edited', 'second', 'last']);
      const told = back.events.filter((e) => e.type === 'message');
      assert.equal(new Set(told.map((m) => m.seq)).size, told.length);
      assert.equal(told.find((m) => m.seq === third.seq)!.deleted, true);
      assert.equal(told.find((m) => m.seq === second.seq)!.reactions[0].emoji, '👍');
      assert.equal(back.events.find((e) => e.type === 'conversation')!.conversation.title, 'Renamed');
      assert.equal(mirror.cursors.get(conversation), last.mod);
      assert.equal(back.events.filter((e) => e.type === 'ready').length, 1);
    });

    it('shows one their own refs again', async () => {
      const ada = await stack.person('ada');
      const conversation = await stack.direct(ada, ada);
      const live = stack.open(transport, ada);
      await live.hello();
      const ref = randomUUID();
      await live.say(conversation, 'mine', { ref });
      const back = stack.open(transport, ada, 'b');
      await back.hello({ resume: { [conversation]: 0 } });
      assert.equal(back.events.find((e) => e.type === 'message')!.ref, ref);
    });

    it('what is named at its present mod, or not named, is not told', async () => {
      const ada = await stack.person('ada');
      const [one, other] = [await stack.group(ada), await stack.group(ada)];
      await fill(one, ada.id, 3);
      await fill(other, ada.id, 3);
      const mirror = new Mirror();
      mirror.list(await list(ada));
      const live = stack.open(transport, ada);
      await live.hello({ ...mirror.resume, resume: { [one]: mirror.cursors.get(one) } });
      assert.deepEqual(live.events.map((e) => e.type), ['welcome', 'ready']);
      await live.say(other, 'now');
      await live.seen('message', (m) => m.conversation === other);
    });

    it('reads many pages of several conversations while others write', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const groups = await Promise.all([1, 2, 3].map(() => stack.group(ada, [bob])));
      const mirror = new Mirror();
      mirror.list(await list(bob));
      for (const group of groups) await fill(group, ada.id, 700);
      const from = stack.open(transport, ada, 'a');
      await from.hello();
      const to = stack.open(transport, bob, 'b');
      to.send({ type: 'hello', ...mirror.resume });
      let said = 0;
      while (!to.events.some((e) => e.type === 'ready')) {
        await Promise.all(groups.map((group) => from.say(group, `new ${said}`)));
        said++;
      }
      await Promise.all(groups.map((group) => from.say(group, 'end')));
      for (const group of groups) await to.seen('message', (m) => m.conversation === group && m.body === 'end');
      mirror.take(to);
      for (const group of groups) {
        assert.deepEqual(mirror.texts(group), [...Array.from({ length: 700 }, (_, i) => `line ${i + 1}`),
          ...Array.from({ length: said }, (_, i) => `new ${i}`), 'end']);
      }
    });

    it('a page is bounded by bytes too', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const from = stack.open(transport, ada, 'a');
      await from.hello();
      for (let i = 0; i < 12; i++) assert.equal((await from.say(conversation, `${i} ${'x'.repeat(15_000)} ${'€'.repeat(900)}`)).type, 'sent');
      const to = stack.open(transport, bob, 'b');
      await to.hello({ resume: { [conversation]: 0 } });
      assert.deepEqual(to.events.filter((e) => e.type === 'message').map((m) => Number(m.body.split(' ')[0])), Array.from({ length: 12 }, (_, i) => i));
    });

    it('retention raises first_seq by one mod, told live and to who was away', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const group = await stack.group(ada, [bob]);
      await fill(group, ada.id, 3);
      const mirror = new Mirror();
      mirror.list(await list(bob));
      const live = stack.open(transport, ada, 'a');
      await live.hello();
      expectStatus(await ada.patch(`/api/groups/${group}`, { retention_days: 1 }), 200);
      await stack.db.query(`UPDATE parley.message SET time = time - interval '1 day' WHERE conversation_id = $1 AND seq < 3`, [group]);
      await stack.db.query('SELECT api.live_prune(365)'); // as a relay does every minute
      const raised = (await live.seen('conversation', (e) => e.conversation.first_seq === 3)).conversation;
      const back = stack.open(transport, bob, 'b');
      await back.hello({ ...mirror.resume, resume: { [group]: 0 } });
      assert.deepEqual(back.events.filter((e) => e.type === 'message').map((e) => e.seq), [3]);
      assert.equal(back.events.find((e) => e.type === 'conversation')!.conversation.first_seq, 3);
      const { messages, first_seq, mod } = expectStatus(await bob.get(`/api/changes/${group}?since=0`), 200);
      assert.deepEqual([messages.length, first_seq, mod], [1, 3, raised.changed_mod]);
    });

    it('a conversation that one is not in is answered by left', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const mine = await stack.direct(ada, ada);
      const theirs = await stack.direct(bob, bob);
      await fill(mine, ada.id, 2);
      const live = stack.open(transport, ada);
      await live.hello({ resume: { [theirs]: 3, [mine]: 0, 77: 1 } });
      const left = live.events.filter((e) => e.type === 'left');
      assert.deepEqual(left.map((e) => [e.conversation, e.account]).sort(), [[theirs, ada.id], ['77', ada.id]].sort());
      assert.equal(live.events.filter((e) => e.type === 'message').length, 2);
    });

    it('more: the rest follows in resume commands, and ready comes after the last', async () => {
      const ada = await stack.person('ada');
      const groups = await Promise.all([1, 2, 3].map(() => stack.group(ada)));
      for (const group of groups) await fill(group, ada.id, 2);
      const live = stack.open(transport, ada);
      const place = (i: number) => ({ [groups[i]!]: 1 });
      live.send({ type: 'hello', resume: place(0), more: true });
      await live.next('welcome');
      live.send({ type: 'resume', resume: place(1), more: true });
      await live.settle();
      assert.ok(!live.events.some((e) => e.type === 'ready'));
      live.send({ type: 'resume', resume: place(2) });
      await live.next('ready');
      assert.equal(live.events.filter((e) => e.type === 'message').length, 3 * 2);
      live.send({ type: 'resume', resume: place(0) });
      assert.equal((await live.next('failed')).command, 'resume');
    });

    it('a resume command above the mod of the database is answered by reset', async () => {
      const ada = await stack.person('ada');
      const group = await stack.group(ada);
      const live = stack.open(transport, ada);
      live.send({ type: 'hello', more: true });
      await live.next('welcome');
      live.send({ type: 'resume', resume: { [group]: 1e9 } });
      await live.next('reset');
      await live.settle();
      assert.deepEqual(live.events.map((e) => e.type), ['welcome', 'reset', 'pong']);
    });

    it('hello and its resume commands may come in one frame', async () => {
      const ada = await stack.person('ada');
      const groups = await Promise.all([1, 2].map(() => stack.group(ada)));
      for (const group of groups) await fill(group, ada.id, 2);
      const live = stack.open(transport, ada);
      live.send({ type: 'hello', resume: { [groups[0]!]: 1 }, more: true }, { type: 'resume', resume: { [groups[1]!]: 1 } });
      await live.next('ready');
      assert.equal(live.events.filter((e) => e.type === 'message').length, 4);
    });
  });
}
