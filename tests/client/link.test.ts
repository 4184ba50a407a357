// SPDX-License-Identifier: Apache-2.0
//
// The link's timing: pauses, patience, back-off and close codes. Time and transports are the test's own here; how it works on
// real ones is in networks.test.ts and resume.test.ts.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import type { Connection } from '../../www/client/api.ts';
import type { Http } from '../../www/client/http.ts';
import { Link, type LinkHost } from '../../www/client/link.ts';
import type { Command } from '../../www/client/protocol.ts';
import type { End, Transport, TransportHost, TransportKind } from '../../www/client/transport.ts';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 }));
afterEach(() => mock.timers.reset());

const settle = () => new Promise<void>((done) => setImmediate(done));
/** Let time pass in steps, with everything that follows from it. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) {
    mock.timers.tick(Math.min(250, left));
    await settle();
  }
}

interface Fake extends Transport {
  readonly host: TransportHost;
  readonly relay: string;
  readonly sent: Command[];
  readonly at: number;
  closed: boolean;
}

/** What a new transport does by itself. */
type Manner = 'good' | 'refused' | 'mute' | 'deaf' | 'only pongs';

const welcome = { type: 'welcome', session: '1', account: { id: '10', login: 'a', display_name: 'A' }, account_mod: 3, relay: 'a', epoch: 'e', heartbeat: 25, time: '' };

function scene(manners: { websocket: Manner; http: Manner }) {
  const made: Fake[] = [];
  const shown: Connection[] = [];
  const calls: string[] = [];
  const connect = (kind: TransportKind, relay: { name: string }, host: TransportHost): Transport => {
    const fake: Fake = {
      kind, host, relay: relay.name, sent: [], closed: false, at: Date.now(),
      send(commands) {
        fake.sent.push(...commands);
        const manner = manners[kind];
        if (manner !== 'good' && manner !== 'only pongs') return;
        const answers = commands.flatMap((c): unknown[] => {
          if (c.type === 'ping') return [{ type: 'pong', n: c.n, time: '' }];
          if (manner === 'only pongs') return [];
          if (c.type === 'hello') return [welcome, { type: 'ready' }];
          return c.type === 'send' ? [{ type: 'sent', ref: c.ref, conversation: '1', id: '1', seq: 1, mod: 1, time: '' }] : [];
        });
        queueMicrotask(() => {
          if (fake.closed) return;
          host.onHeard();
          host.onEvents(answers);
        });
      },
      close: () => void (fake.closed = true),
    };
    made.push(fake);
    queueMicrotask(() => {
      if (manners[kind] === 'refused') host.onClose('refused', '403', 0);
      else if (manners[kind] !== 'mute') host.onOpen();
    });
    return fake;
  };
  const host: LinkHost = {
    prepare: async () => {}, position: () => ({ epoch: 'e', account_mod: 3, mods: new Map([['1', 5]]) }), onWelcome: () => true,
    onEvents: () => {}, onReady: () => void calls.push('ready'), onPrimary: () => void calls.push('primary'), onReset: async () => {},
    onConnection: (c) => void shown.push(c), onDenied: () => void calls.push('denied'), onRefused: () => void calls.push('refused'), log: () => {},
  };
  const http = { token: null, request: async () => [{ name: 'a', url: '/live/a', region: '', load: 0 }, { name: 'b', url: '/live/b', region: '', load: 0 }] } as unknown as Http;
  const link = new Link(host, { http, name: 't', connect });
  const state = () => shown.at(-1)!;
  const end = async (fake: Fake, end: End) => {
    fake.closed = true;
    fake.host.onClose(end, '', 0);
    await settle();
  };
  return { link, made, calls, state, manners, end, start: async () => (link.start(), settle()) };
}

const send = (ref: string) => ({ type: 'send', ref, conversation: '1', body: 'x' }) as const;

test('no welcome within 5 s: long-poll at once, to the same relay', async () => {
  const { made, state, start, link } = scene({ websocket: 'mute', http: 'good' });
  await start();
  await pass(4_900);
  assert.equal(made.length, 1);
  await pass(200);
  assert.deepEqual(made.map((m) => [m.kind, m.relay]), [['websocket', 'a'], ['http', 'a']]);
  assert.deepEqual(state(), { state: 'connected', over: 'http', relay: 'a' });
  link.close();
});

test('WebSocket is tried again after 60 s, then after growing pauses, while long-poll goes on', async () => {
  const { made, start, link } = scene({ websocket: 'refused', http: 'good' });
  await start();
  await pass(20 * 60_000);
  const tries = made.filter((m) => m.kind === 'websocket').map((m) => m.at);
  const pauses = tries.slice(1).map((at, i) => Math.round((at - tries[i]!) / 60_000));
  assert.deepEqual(pauses.slice(0, 4), [1, 2, 4, 8]);
  assert.equal(made.filter((m) => m.kind === 'http').length, 1);
  link.close();
});

test('the WebSocket takes over when it is ready, and only then the poll session is dropped', async () => {
  const { made, state, manners, start, link, calls } = scene({ websocket: 'refused', http: 'good' });
  await start();
  manners.websocket = 'deaf';
  while (made.length < 3) await pass(250);
  const [, poll, candidate] = made as [Fake, Fake, Fake];
  assert.deepEqual(candidate.sent[0], { type: 'hello', epoch: 'e', account_mod: 3, resume: { 1: 5 }, more: false, client: 't' });
  assert.equal(poll.closed, false);
  manners.http = 'deaf';
  const sending = link.request(send('r'));
  manners.websocket = 'good';
  candidate.host.onEvents([welcome]);
  assert.equal(poll.closed, false);
  candidate.host.onEvents([{ type: 'ready' }]);
  assert.equal(poll.closed, true);
  assert.deepEqual(state(), { state: 'connected', over: 'websocket', relay: 'a' });
  assert.equal((await sending).seq, 1);
  assert.ok(candidate.sent.some((c) => c.type === 'send'));
  assert.ok(calls.includes('primary'));
  link.close();
});

test('silence: ping after heartbeat, or 5 s after an unanswered command; no pong in 5 s ends it', async () => {
  const { made, manners, start, link } = scene({ websocket: 'good', http: 'good' });
  await start();
  manners.websocket = 'deaf';
  const began = Date.now();
  void link.request(send('r')).catch(() => {});
  await pass(5_250);
  assert.equal(made[0]!.sent.at(-1)!.type, 'ping');
  assert.equal(made.length, 1);
  await pass(14_000);
  const poll = made.find((m) => m.kind === 'http')!;
  assert.ok(poll.at - began <= 20_000, `${poll.at - began}`);
  link.close();
});

test('quiet but alive: pings every heartbeat, stays', async () => {
  const { made, start, link } = scene({ websocket: 'good', http: 'good' });
  await start();
  await pass(110_000);
  assert.equal(made.length, 1);
  assert.equal(made[0]!.sent.filter((c) => c.type === 'ping').length, 4);
  link.close();
});

test('a relay that answers ping but no commands is left', async () => {
  const { made, start, link } = scene({ websocket: 'good', http: 'good' });
  await start();
  void link.request({ type: 'pin', ref: 'r', conversation: '1', seq: 1 }).catch(() => {});
  await pass(36_000);
  assert.equal(made[1]?.relay, 'b');
  assert.ok(made[0]!.sent.filter((c) => c.type === 'ping').length <= 7);
  link.close();
});

test('so is one that answers ping but no hello, after a reset', async () => {
  const { made, start, link, manners } = scene({ websocket: 'good', http: 'good' });
  await start();
  manners.websocket = 'only pongs';
  made[0]!.host.onEvents([{ type: 'reset' }]);
  await settle();
  await pass(36_000);
  assert.equal(made[1]?.relay, 'b');
  link.close();
});

test('before a reset is over nothing is said: it would be said of another timeline', async () => {
  const { made, start, link, manners } = scene({ websocket: 'good', http: 'good' });
  await start();
  manners.websocket = 'deaf';
  const sending = link.request(send('r'));
  const editing = assert.rejects(link.request({ type: 'edit', ref: 'e', conversation: '1', seq: 1, body: 'x' }), { name: 'reset' });
  const [{ host, sent }] = made as [Fake];
  host.onEvents([{ type: 'behind' }]);
  host.onEvents([{ ...welcome, epoch: 'another' }]);
  assert.equal(sent.at(-1)!.type, 'hello');
  manners.websocket = 'good';
  host.onEvents([{ type: 'reset' }]);
  assert.equal((await sending).ref, 'r');
  await editing;
  assert.deepEqual(sent.map((c) => c.type), ['hello', 'send', 'edit', 'hello', 'hello', 'send']);
  link.close();
});

test('nothing gets through: offline, back-off, and at once when woken', async () => {
  const { made, state, start, link, manners } = scene({ websocket: 'refused', http: 'refused' });
  await start();
  assert.equal(state().state, 'offline');
  assert.deepEqual(made.map((m) => `${m.kind} ${m.relay}`), ['websocket a', 'http a', 'websocket b', 'http b']);
  await pass(10 * 60_000);
  assert.ok(made.length < 4 * 45, `${made.length / 4} attempts in 10 minutes`);
  manners.websocket = manners.http = 'good';
  link.wake();
  await settle();
  assert.equal(state().state, 'connected');
  link.close();
});

test('close codes: log in, stop, or come back when told', async () => {
  for (const [how, call] of [['unauthenticated', 'denied'], ['protocol', 'refused'], ['too_many', null]] as const) {
    const { made, calls, start, link, end } = scene({ websocket: 'good', http: 'good' });
    await start();
    await end(made[0]!, how);
    if (call !== null) assert.ok(calls.includes(call));
    await pass(120_000);
    assert.equal(made.length, 1, `${how} is not tried again`);
    link.close();
  }
  const { made, start, link, end } = scene({ websocket: 'good', http: 'good' });
  await start();
  made[0]!.host.onEvents([{ type: 'bye', reason: 'restart', reconnect_ms: 7_000 }]);
  await end(made[0]!, 'restart');
  await pass(6_500);
  assert.equal(made.length, 1);
  await pass(1_000);
  assert.equal(made.length, 2);
  link.close();
});

test('behind: hello again on the same connection, and what has no answer goes again', async () => {
  const { made, start, link, manners } = scene({ websocket: 'good', http: 'good' });
  await start();
  manners.websocket = 'deaf';
  const sending = link.request(send('r'));
  manners.websocket = 'good';
  made[0]!.host.onEvents([{ type: 'behind' }]);
  await settle();
  assert.equal((await sending).ref, 'r');
  assert.equal(made[0]!.sent.filter((c) => c.type === 'hello').length, 2);
  assert.equal(made[0]!.sent.filter((c) => c.type === 'send').length, 2);
  assert.equal(made.length, 1);
  link.close();
});

test('three short lives in a row count as blocked', async () => {
  const { made, start, link, end, state } = scene({ websocket: 'good', http: 'good' });
  await start();
  for (let i = 0; i < 3; i++) {
    await pass(5_000);
    await end(made.at(-1)!, 'lost');
    await pass(1_000);
  }
  assert.equal((state() as { over?: string }).over, 'http');
  link.close();
});
