// SPDX-License-Identifier: Apache-2.0
//
// `edit`, `delete`, `react`, `unreact`, `pin`, `unpin`: answered, told to all in the new state, refused where the role or
// the state does not allow it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { expectStatus } from '../../lib/http.ts';
import { TRANSPORTS, type Live, type LiveEvent } from '../../lib/live.ts';
import { useStack } from '../../lib/stack.ts';

const stack = useStack();

/** Says a command with a fresh ref and waits for its answer. */
function change(live: Live, type: string, members: Record<string, unknown>): Promise<LiveEvent> {
  const ref = randomUUID();
  live.send({ type, ref, ...members });
  return live.answer(ref);
}

for (const transport of TRANSPORTS) {
  describe(`changes over ${transport}`, () => {
    /** Ada and Bob in a group, live on two relays, with one message by Ada. */
    async function talk() {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.group(ada, [bob]);
      const [mine, other] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([mine.hello(), other.hello()]);
      const { seq, mod } = await mine.say(conversation, 'as it was');
      await other.seen('message', (m) => m.seq === seq);
      return { ada, bob, conversation, mine, other, seq: seq as number, mod: mod as number, at: { conversation, seq } };
    }

    it('edit changes the text for all, and keeps seq and id', async () => {
      const { mine, other, at, seq, mod, bob } = await talk();
      const before = await other.seen('message', (m) => m.seq === seq);
      const sent = await change(mine, 'edit', { ...at, body: 'as it is', mentions: [bob.id] });
      assert.equal(sent.type, 'sent');
      assert.ok(sent.mod > mod);
      const after = await other.seen('message', (m) => m.seq === seq && m.mod === sent.mod);
      assert.deepEqual([after.id, after.body, after.mentions, after.ref], [before.id, 'as it is', [bob.id], undefined]);
      assert.ok(after.edited);
      const own = await mine.seen('message', (m) => m.mod === sent.mod);
      assert.ok(own.ref);
    });

    it('edit and delete with an outdated mod are a conflict', async () => {
      const { mine, at, mod } = await talk();
      const sent = await change(mine, 'edit', { ...at, body: 'second', mod });
      assert.equal(sent.type, 'sent');
      assert.equal((await change(mine, 'edit', { ...at, body: 'third', mod })).error.type, 'urn:parley:conflict');
      assert.equal((await change(mine, 'delete', { ...at, mod })).error.type, 'urn:parley:conflict');
      assert.equal((await change(mine, 'delete', { ...at, mod: sent.mod })).type, 'sent');
    });

    it('an edit that says what is there already changes nothing', async () => {
      const { mine, at, mod } = await talk();
      assert.equal((await change(mine, 'edit', { ...at, body: 'as it was' })).mod, mod);
    });

    it('delete leaves a place without a text', async () => {
      const { mine, other, at, seq } = await talk();
      const sent = await change(mine, 'delete', at);
      const gone = await other.seen('message', (m) => m.seq === seq && m.mod === sent.mod);
      assert.deepEqual([gone.deleted, gone.body], [true, undefined]);
      assert.equal((await change(mine, 'delete', at)).type, 'sent');
      assert.equal((await change(mine, 'edit', { ...at, body: 'again' })).error.type, 'urn:parley:deleted');
      assert.equal((await change(mine, 'react', { ...at, emoji: '👍' })).error.type, 'urn:parley:deleted');
    });

    it("others' messages: a member may neither edit nor delete, an admin may delete", async () => {
      const { mine, other, at, conversation, ada } = await talk();
      assert.equal((await change(other, 'edit', { ...at, body: 'mine' })).error.type, 'urn:parley:forbidden');
      assert.equal((await change(other, 'delete', at)).error.type, 'urn:parley:forbidden');
      const theirs = await other.say(conversation, 'of bob');
      assert.equal((await change(mine, 'edit', { conversation, seq: theirs.seq, body: 'x' })).error.type, 'urn:parley:forbidden');
      assert.equal((await change(mine, 'delete', { conversation, seq: theirs.seq })).type, 'sent');
      // A system message can be deleted by nobody.
      expectStatus(await ada.patch(`/api/groups/${conversation}`, { title: 'Other' }), 200);
      const system = await mine.seen('message', (m) => m.kind === 'system' && m.action?.type === 'title');
      assert.equal((await change(mine, 'delete', { conversation, seq: system.seq })).error.type, 'urn:parley:forbidden');
    });

    it('reactions are counted by emoji, once an account', async () => {
      const { mine, other, at, ada, bob, seq } = await talk();
      await change(mine, 'react', { ...at, emoji: '👍' });
      await change(other, 'react', { ...at, emoji: '👍' });
      const sent = await change(other, 'react', { ...at, emoji: '🎉' });
      const message = await mine.seen('message', (m) => m.seq === seq && m.mod === sent.mod);
      assert.deepEqual(message.reactions, [
        { emoji: '👍', count: 2, accounts: [ada.id, bob.id] }, { emoji: '🎉', count: 1, accounts: [bob.id] }]);
      assert.equal((await change(other, 'react', { ...at, emoji: '🎉' })).mod, sent.mod);
      const less = await change(other, 'unreact', { ...at, emoji: '👍' });
      const after = await mine.seen('message', (m) => m.seq === seq && m.mod === less.mod);
      assert.deepEqual(after.reactions.map((r: LiveEvent) => [r.emoji, r.count]), [['👍', 1], ['🎉', 1]]);
    });

    it('a message takes 20 different emoji', async () => {
      const { mine, at } = await talk();
      for (let i = 0; i < 20; i++) assert.equal((await change(mine, 'react', { ...at, emoji: `e${i}` })).type, 'sent');
      assert.equal((await change(mine, 'react', { ...at, emoji: 'e20' })).error.type, 'urn:parley:too_many_reactions');
      assert.equal((await change(mine, 'react', { ...at, emoji: 'e3' })).type, 'sent');
    });

    it('pins: who may depends on the role, in a direct conversation both may', async () => {
      const { mine, other, at, seq, ada, bob } = await talk();
      const pinned = await change(mine, 'pin', at);
      assert.equal((await other.seen('message', (m) => m.mod === pinned.mod)).pinned, true);
      assert.equal((await change(other, 'unpin', at)).error.type, 'urn:parley:forbidden');
      const free = await change(mine, 'unpin', at);
      assert.equal((await other.seen('message', (m) => m.seq === seq && m.mod === free.mod)).pinned ?? false, false);
      const conversation = await stack.direct(ada, bob);
      const said = await mine.say(conversation, 'here too');
      assert.equal((await change(other, 'pin', { conversation, seq: said.seq })).type, 'sent');
    });

    it('what is not there cannot be changed', async () => {
      const { mine, conversation } = await talk();
      for (const [type, more] of [['edit', { body: 'x' }], ['delete', {}], ['react', { emoji: '👍' }], ['unreact', { emoji: '👍' }], ['pin', {}], ['unpin', {}]] as const) {
        assert.equal((await change(mine, type, { conversation, seq: 999, ...more })).error.type, 'urn:parley:no_such_message', type);
        assert.equal((await change(mine, type, { conversation: '77', seq: 1, ...more })).error.type, 'urn:parley:not_a_member', type);
      }
    });
  });
}
