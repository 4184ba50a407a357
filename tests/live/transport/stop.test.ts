// SPDX-License-Identifier: Apache-2.0
//
// A relay is asked to stop: what was said is settled, everybody is told `bye restart` with times that differ, it goes within
// seconds with exit code 0, and nobody is sent there any more. Its people come back elsewhere without being told as offline.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { BIN, useStack } from '../../lib/stack.ts';
import { pause, until } from '../../lib/wait.ts';
import { http, RawSocket } from './raw.ts';

const stack = useStack({ alone: true });

describe('a relay that stops', () => {
  it('says bye to all, settles what was sent, and leaves', { timeout: 60_000 }, async () => {
    const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
    const conversation = await stack.direct(ada, bob);
    const watcher = stack.open('ws', bob, 'b');
    await watcher.hello();
    watcher.send({ type: 'watch', accounts: [ada.id] });
    const lives = Array.from({ length: 8 }, (_, i) => stack.open(i % 2 ? 'poll' : 'ws', ada, 'a'));
    for (const live of lives) await live.hello();
    await watcher.seen('presence', (event) => event.state === 'online');
    const unknown = await RawSocket.open(stack.socket('relay-a'));
    const refs = Array.from({ length: 20 }, () => randomUUID());
    lives[0]!.send(...refs.map((ref, i) => ({ type: 'send', ref, conversation, body: `${i}` })));
    await lives[0]!.answer(refs[0]!);
    const daemon = stack.daemon('relay-a');
    const started = performance.now();
    const ended = daemon.stop('SIGTERM');
    const byes = await Promise.all(lives.map((live) => live.seen('bye')));
    assert.deepEqual(new Set(byes.map((bye) => bye.reason)), new Set(['restart']));
    const times = new Set(byes.map((bye) => bye.reconnect_ms as number));
    assert.ok(times.size >= 4 && [...times].every((ms) => ms > 0 && ms <= 10_000), [...times].join(' '));
    for (const live of lives.filter((l) => l.transport === 'ws')) assert.equal((await live.end()).code, 1012);
    assert.equal(await unknown.closed(), 1012);
    assert.equal(await ended, 'exit 0');
    assert.ok(performance.now() - started < 5000, `${performance.now() - started} ms`);
    const relays = (await bob.get('/api/relays')).body.relays as { name: string }[];
    assert.deepEqual(relays.map((relay) => relay.name), ['b']);
    // Whatever was answered `sent` is stored, and nothing is stored twice.
    const sent = lives[0]!.events.filter((event) => event.type === 'sent').map((event) => event.ref as string);
    const again = stack.open('ws', ada, 'b');
    await again.hello();
    const { body } = await ada.get(`/api/history/${conversation}?limit=200`);
    const stored = body.messages.map((message: any) => message.ref as string);
    assert.deepEqual(sent.filter((ref) => !stored.includes(ref)), []);
    assert.equal(new Set(stored).size, stored.length);
    await pause(6000);
    const states = watcher.events.filter((event) => event.type === 'presence').map((event) => event.state as string);
    assert.deepEqual(states.slice(states.indexOf('online')), ['online']);
    await stack.startRelay('a');
    await until('the relay is back', async () => ((await bob.get('/api/relays')).body.relays as unknown[]).length === 2);
  });

  it('leaves as well on SIGINT, with nobody there', async () => {
    assert.equal(await stack.daemon('relay-b').stop('SIGINT'), 'exit 0');
    await stack.startRelay('b');
    await until('the relay is back', async () => (await http(stack.socket('relay-b'), 'POST', '/live/poll', {}, { authorization: `Bearer ${'A'.repeat(43)}` })).status === 400);
  });

  it('does not take the socket of one that runs', async () => {
    const second = spawnSync(join(BIN, 'relay'), ['--name', 'a', '--socket', stack.socket('relay-a')], {
      env: { ...process.env, ...stack.environment() }, encoding: 'utf8', timeout: 20_000,
    });
    assert.equal(second.status, 1);
    assert.match(second.stderr, /another process listens/);
    const ada = await stack.person('ada');
    await stack.open('ws', ada, 'a').hello();
  });
});
