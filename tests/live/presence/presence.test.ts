// SPDX-License-Identifier: Apache-2.0
//
// Presence: who watches is told each state once, from whichever relay and over whichever transport; `away` is a device's,
// the rest a person's.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useStack, type Person } from '../../lib/stack.ts';
import { TRANSPORTS, type Live, type LiveEvent, type Transport } from '../../lib/live.ts';
import { pause, until } from '../../lib/wait.ts';

const stack = useStack();

/** A watcher on relay b, and what it was told of one person. */
async function watcher(transport: Transport, person: Person): Promise<{ live: Live; told: () => LiveEvent[]; state: () => string | undefined }> {
  const live = stack.open(transport, await stack.person('watcher'), 'b');
  await live.hello();
  live.send({ type: 'watch', accounts: [person.id] });
  const told = (): LiveEvent[] => live.events.filter((event) => event.type === 'presence' && event.account === person.id);
  await until('the present state', () => told().length > 0);
  return { live, told, state: () => told().at(-1)?.state as string | undefined };
}

for (const transport of TRANSPORTS) {
  describe(`presence over ${transport}`, () => {
    it('is online with the first device, offline after the last', { timeout: 60_000 }, async () => {
      const ada = await stack.person('ada');
      const { state, told } = await watcher(transport, ada);
      assert.equal(state(), 'offline');
      assert.equal(told()[0]!.last_seen, undefined);
      const devices = [stack.open('ws', ada, 'a'), stack.open('poll', ada, 'b')];
      await devices[0]!.hello();
      await until('online', () => state() === 'online', 2000);
      await devices[1]!.hello();
      devices[0]!.close();
      await pause(5000);
      assert.equal(state(), 'online');
    });

    it('is offline within 10 s of the end, and says since when', { timeout: 60_000 }, async () => {
      const ada = await stack.person('ada');
      const device = stack.open('ws', ada, 'a');
      await device.hello();
      const { state, told } = await watcher(transport, ada);
      await until('online', () => state() === 'online', 2000);
      const before = Date.now();
      device.close();
      await until('offline', () => state() === 'offline', 10_000);
      const seen = Date.parse(told().at(-1)!.last_seen as string);
      assert.ok(seen >= before - 1000 && seen <= Date.now() + 1000);
    });

    it('does not flap when a page is loaded again', { timeout: 60_000 }, async () => {
      const ada = await stack.person('ada');
      const device = stack.open('ws', ada, 'a');
      await device.hello();
      const { state, told } = await watcher(transport, ada);
      await until('online', () => state() === 'online', 2000);
      const count = told().length;
      device.close();
      await pause(1500);
      await stack.open('ws', ada, 'a').hello();
      await pause(5000);
      assert.equal(told().length, count);
    });

    it('is away when all devices are', async () => {
      const ada = await stack.person('ada');
      const [one, two] = [stack.open(transport, ada, 'a'), stack.open('ws', ada, 'b')];
      await one.hello();
      await two.hello();
      const { state } = await watcher(transport, ada);
      await until('online', () => state() === 'online', 2000);
      one.send({ type: 'status', state: 'away' });
      await one.settle();
      await pause(700);
      assert.equal(state(), 'online');
      two.send({ type: 'status', state: 'away' });
      await until('away', () => state() === 'away', 3000);
      one.send({ type: 'status', state: 'online' });
      await until('online', () => state() === 'online', 3000);
    });

    it('dnd, text and emoji are the person\'s and stay', { timeout: 60_000 }, async () => {
      const ada = await stack.person('ada');
      const device = stack.open('ws', ada, 'a');
      await device.hello();
      const { told } = await watcher(transport, ada);
      const last = (): unknown[] => {
        const event = told().at(-1)!;
        return [event.state, event.text, event.emoji];
      };
      device.send({ type: 'status', state: 'dnd', text: 'in a "meeting"', emoji: '📅' });
      await until('dnd', () => String(last()) === 'dnd,in a "meeting",📅', 3000);
      device.send({ type: 'status', state: 'online' });
      await until('online, with its text', () => String(last()) === 'online,in a "meeting",📅', 3000);
      device.send({ type: 'status', state: 'dnd', text: '', emoji: '' });
      await until('without', () => String(last()) === 'dnd,,', 3000);
      device.close();
      await until('offline', () => told().at(-1)!.state === 'offline', 10_000);
      await stack.open(transport, ada, 'b').hello();
      await until('dnd again', () => told().at(-1)!.state === 'dnd', 3000);
    });

    it('invisible is told as offline', async () => {
      const ada = await stack.person('ada');
      const device = stack.open(transport, ada, 'a');
      await device.hello();
      const { state, told } = await watcher(transport, ada);
      await until('online', () => state() === 'online', 2000);
      device.send({ type: 'status', state: 'invisible' });
      await until('offline', () => state() === 'offline', 3000);
      const seen = told().at(-1)!.last_seen as string;
      assert.match(seen, /^\d{4}-/);
      device.close();
      await pause(4500);
      assert.equal(told().at(-1)!.last_seen, seen); // the real going is not told
    });

    it('watch replaces the set and tells it now', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const device = stack.open('ws', ada, 'a');
      await device.hello();
      const { live, told, state } = await watcher(transport, ada);
      await until('online', () => state() === 'online', 2000);
      const before = told().length;
      live.send({ type: 'watch', accounts: [ada.id, bob.id, ada.id] });
      await until('told again', () => told().length > before, 2000);
      await live.seen('presence', (event) => event.account === bob.id);
      live.send({ type: 'watch', accounts: [bob.id] });
      await live.settle();
      const count = told().length;
      device.send({ type: 'status', state: 'dnd' });
      await pause(1000);
      assert.equal(told().length, count);
    });

    it('of who does not exist is nothing, and bad commands fail', async () => {
      const live = stack.open(transport, await stack.person('watcher'), 'b');
      await live.hello();
      live.send({ type: 'watch', accounts: ['1', '2'] });
      live.send({ type: 'watch', accounts: ['x'] });
      live.send({ type: 'watch', accounts: Array.from({ length: 501 }, (_, i) => String(i + 1)) });
      live.send({ type: 'watch' });
      live.send({ type: 'status', state: 'asleep' });
      live.send({ type: 'status', state: 'online', text: 'x'.repeat(2000) });
      await live.settle();
      await until('five refusals', () => live.events.filter((event) => event.type === 'failed').length === 5);
      assert.deepEqual(live.events.filter((event) => event.type === 'presence'), []);
    });
  });
}

describe('presence without notifications', () => {
  it('is found by reading again', { timeout: 60_000 }, async () => {
    const ada = await stack.person('ada');
    const { state } = await watcher('ws', ada);
    await stack.db.query('INSERT INTO parley.presence (account_id, relay, incarnation, away) SELECT $1, name, incarnation, false FROM parley.relay_node WHERE name = $2', [ada.id, 'a']);
    await until('online', () => state() === 'online', 7000);
  });
});
