// SPDX-License-Identifier: Apache-2.0
//
// What belongs to the account: conversations joined and left, settings, drafts, own markers, the profile; live on every
// device, and after being away.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectStatus } from '../../lib/http.ts';
import { TRANSPORTS } from '../../lib/live.ts';
import { useStack } from '../../lib/stack.ts';
import { mirrorOf } from '../mirror.ts';

const stack = useStack();

for (const transport of TRANSPORTS) {
  describe(`the account over ${transport}`, () => {
    it('being added brings the whole row, and then what happens there', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const [mine, other] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([mine.hello(), other.hello()]);
      const conversation = await stack.group(ada, [], { title: 'Cellar' });
      await mine.seen('conversation'); // a row that is read only after the adding has the new member in it already
      const before = await mine.say(conversation, 'before');
      expectStatus(await ada.post(`/api/groups/${conversation}/members`, { accounts: [bob.id] }), 204);
      const { conversation: row } = await other.seen('conversation');
      const listed = expectStatus(await bob.get(`/api/conversations/${conversation}`), 200);
      assert.deepEqual(row, listed.conversation ?? listed);
      assert.ok(row.mod > before.mod);
      const sent = await mine.say(conversation, 'after');
      await other.seen('message', (m) => m.seq === sent.seq);
      assert.deepEqual(mirrorOf(other).texts(conversation), ['after']);
      assert.ok((await mine.seen('member', (e) => e.account === bob.id)).mod <= row.mod);
      assert.equal((await other.say(conversation, 'thanks')).type, 'sent');
    });

    it('a direct conversation appears on both sides', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const [mine, other] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([mine.hello(), other.hello()]);
      const conversation = await stack.direct(ada, bob);
      assert.equal((await mine.seen('conversation')).conversation.peer, bob.id);
      assert.equal((await other.seen('conversation')).conversation.peer, ada.id);
      await mine.say(conversation, 'hello');
      await other.seen('message');
    });

    it('who is removed hears left, once, on every device, and nothing after', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.group(ada, [bob]);
      const from = stack.open(transport, ada, 'a');
      const devices = [stack.open(transport, bob, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from, ...devices].map((live) => live.hello()));
      let talking = true;
      const talk = (async () => {
        for (let i = 0; talking; i++) await from.say(conversation, `line ${i}`);
      })();
      await devices[1]!.seen('message', (m) => m.body === 'line 5');
      expectStatus(await ada.delete(`/api/groups/${conversation}/members/${bob.id}`), 204);
      const told = await from.seen('left');
      assert.deepEqual([told.account, told.account_mod], [bob.id, undefined]);
      await from.seen('message', (m) => m.mod > told.mod + 20);
      talking = false;
      await talk;
      for (const device of devices) {
        await device.seen('left');
        await device.settle();
        const left = device.events.filter((e) => e.type === 'left');
        assert.deepEqual(left.map((e) => [e.conversation, e.account, e.mod]), [[conversation, bob.id, told.mod]]);
        assert.ok(left[0]!.account_mod > 0);
        assert.ok(device.events.filter((e) => e.type === 'message').every((m) => m.mod < told.mod));
        mirrorOf(device);
      }
    });

    it('who was away learns of what it joined and left', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const [kept, lost] = [await stack.group(ada, [bob]), await stack.group(ada, [bob])];
      expectStatus(await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation: kept, body: 'unread' }), 201);
      const away = stack.open(transport, bob, 'b');
      await away.hello({ resume: { [kept]: 0, [lost]: 0 } });
      const mirror = mirrorOf(away);
      away.close();
      expectStatus(await ada.delete(`/api/groups/${lost}/members/${bob.id}`), 204);
      const fresh = await stack.group(ada, [bob], { title: 'Fresh' });
      expectStatus(await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation: fresh, body: 'early' }), 201);
      expectStatus(await bob.post('/api/read', { conversation: kept, seq: 1 }), 204);
      const back = stack.open(transport, bob, 'a');
      await back.hello(mirror.resume);
      mirror.take(back);
      const left = back.events.filter((e) => e.type === 'left');
      assert.deepEqual(left.map((e) => e.conversation), [lost]);
      const row = back.events.find((e) => e.type === 'conversation' && e.conversation.id === fresh)!.conversation;
      assert.deepEqual([row.title, row.last_message.body], ['Fresh', 'early']);
      assert.ok(back.events.some((e) => e.type === 'read' && e.conversation === kept && e.account === bob.id));
      assert.deepEqual([...mirror.cursors.keys()].sort(), [kept, fresh].sort());
      // A second time nothing is told any more.
      const again = stack.open(transport, bob, 'b');
      await again.hello(mirror.resume);
      assert.deepEqual(again.events.filter((e) => e.account_mod && e.type !== 'welcome'), []);
    });

    it('settings, drafts and the profile reach the other devices', async () => {
      const ada = await stack.person('ada');
      const conversation = await stack.direct(ada, ada);
      const devices = [stack.open(transport, ada, 'a'), stack.open(transport, ada, 'b')];
      await Promise.all(devices.map((live) => live.hello()));
      expectStatus(await ada.patch(`/api/conversations/${conversation}/me`, { notify: 'none' }), 200);
      expectStatus(await ada.patch(`/api/conversations/${conversation}/me`, { draft: 'not yet' }), 200);
      expectStatus(await ada.patch('/api/me', { display_name: 'Countess' }), 200);
      for (const device of devices) {
        assert.equal((await device.seen('conversation', (e) => e.conversation.notify === 'none')).conversation.id, conversation);
        assert.equal((await device.seen('draft')).text, 'not yet');
        assert.equal((await device.seen('account')).account.display_name, 'Countess');
        mirrorOf(device);
      }
    });

    it('many changes of the account come in pages', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const away = stack.open(transport, bob, 'b');
      await away.hello();
      const mirror = mirrorOf(away);
      away.close();
      const groups: string[] = [];
      for (let i = 0; i < 25; i++) groups.push(...(await Promise.all(Array.from({ length: 10 }, () => stack.group(ada, [bob])))));
      const back = stack.open(transport, bob, 'a');
      await back.hello(mirror.resume);
      mirror.take(back);
      assert.deepEqual([...mirror.cursors.keys()].sort(), groups.sort());
      expectStatus(await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation: groups[7], body: 'x' }), 201);
      await back.seen('message', (m) => m.conversation === groups[7]);
    });
  });
}
