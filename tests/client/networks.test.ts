// SPDX-License-Identifier: Apache-2.0
//
// Networks that break WebSockets, played by a TCP proxy: messages flow over long-poll in time, and the link finds back.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { expectStatus } from '../lib/http.ts';
import { Proxy, type Fault } from '../lib/proxy.ts';
import { useStack } from '../lib/stack.ts';
import { newClient, openClient, texts, until } from './lib.ts';

const stack = useStack({ alone: true });
let proxy: Proxy;
after(() => proxy?.stop());

const through = () => ({ url: `http://127.0.0.1:${proxy.port}` });
const relayOf = (client: { connection: { value: { state: string; relay?: string } } }) => client.connection.value.relay;
const over = (client: { connection: { value: { state: string; over?: string } } }) => client.connection.value.over;

async function pair() {
  proxy ??= await Proxy.start(stack.port);
  const ada = await stack.person('ada');
  const bob = await stack.person('bob');
  return { ada, bob, id: await stack.direct(ada, bob) };
}

/** Faults that are there from the start, and how soon a message has to flow. */
const FROM_THE_START: [Fault, number][] = [['refuse', 5_000], ['ignore', 8_000], ['swallow', 8_000], ['swallow-up', 8_000], ['swallow-down', 8_000]];

for (const [fault, limit] of FROM_THE_START) {
  test(`${fault}: a message flows over long-poll within ${limit / 1000} s of the start`, async () => {
    const { ada, bob, id } = await pair();
    const b = await openClient(stack, bob);
    const theirs = b.timeline(id);
    proxy.fault = fault;
    const a = newClient(through(), ada);
    const started = performance.now();
    await a.start();
    await a.send(id, { body: 'through' });
    await until('bob has it', () => texts(theirs).includes('through'));
    const took = performance.now() - started;
    assert.equal(over(a), 'http');
    assert.ok(took < limit, `took ${Math.round(took)} ms`);
    await b.send(id, { body: 'back' });
    const mine = a.timeline(id);
    await until('ada has the answer', () => texts(mine).includes('back'));
  });
}

for (const fault of ['swallow', 'swallow-up', 'swallow-down'] as const) {
  test(`${fault} later: at most 20 s after the first unanswered command`, async () => {
    const { ada, bob, id } = await pair();
    proxy.fault = 'none';
    const b = await openClient(stack, bob);
    const theirs = b.timeline(id);
    const a = await openClient(through(), ada);
    assert.equal(over(a), 'websocket');
    proxy.fault = fault;
    const started = performance.now();
    await a.send(id, { body: 'silence' });
    await until('the sender has its answer', () => a.outbox.value.length === 0, 22_000);
    const took = performance.now() - started;
    assert.ok(took < 20_000, `took ${Math.round(took)} ms`);
    assert.equal(over(a), 'http');
    await until('bob has it once', () => texts(theirs).filter((t) => t === 'silence').length === 1);
  });
}

test('a frozen relay: found out by silence, left for the other; nothing is lost or doubled when it goes on', async () => {
  const { ada, bob, id } = await pair();
  const b = await openClient(stack, bob);
  const frozen = relayOf(b);
  let a = await openClient(stack, ada, { only: 'http' });
  while (relayOf(a) !== frozen) a = await openClient(stack, ada, { only: 'http' });
  const [mine, theirs] = [a.timeline(id), b.timeline(id)];
  const [daemon, started] = [stack.daemon(`relay-${frozen}`), performance.now()];
  daemon.signal('SIGSTOP');
  for (const client of [a, b]) await client.send(id, { body: client === a ? 'over http' : 'over websocket' });
  await until('both are answered', () => a.outbox.value.length + b.outbox.value.length === 0, 25_000)
    .finally(() => setTimeout(() => daemon.signal('SIGCONT'), Math.max(0, 12_000 - (performance.now() - started))));
  assert.ok(performance.now() - started < 20_000, `took ${Math.round(performance.now() - started)} ms`);
  assert.ok(relayOf(a) !== frozen && relayOf(b) !== frozen);
  await until('it is back', async () => expectStatus(await ada.get('/api/relays'), 200).relays.length === 2);
  await a.send(id, { body: 'afterwards' });
  for (const view of [mine, theirs]) await until('all is there', () => texts(view).includes('afterwards'));
  assert.deepEqual([...texts(mine)].sort(), ['afterwards', 'over http', 'over websocket']);
  assert.deepEqual(texts(theirs), texts(mine));
});

test('cut every second: everything arrives once, in order', async () => {
  const { ada, bob, id } = await pair();
  proxy.fault = 'none';
  const a = await openClient(through(), ada);
  const b = await openClient(stack, bob);
  const theirs = b.timeline(id);
  const cutting = setInterval(() => proxy.cut('upgrades'), 1_000);
  const sent: string[] = [];
  for (let i = 0; i < 60; i++) {
    await a.send(id, { body: `n ${i}` });
    sent.push(`n ${i}`);
    await new Promise((next) => setTimeout(next, 100));
  }
  clearInterval(cutting);
  await until('all are there', () => texts(theirs).length >= 60, 20_000);
  assert.deepEqual(texts(theirs), sent);
});

test('back to WebSocket while 20 a second flow both ways: nothing lost, doubled or misplaced', async () => {
  const { ada, bob, id } = await pair();
  proxy.fault = 'refuse';
  const a = await openClient(through(), ada, { retryWebSocketMs: 2_000 });
  const b = await openClient(through(), bob, { retryWebSocketMs: 2_500 });
  assert.equal(over(a), 'http');
  const [mine, theirs] = [a.timeline(id), b.timeline(id)];
  proxy.fault = 'none';
  let n = 0;
  while (n < 40 || (n < 400 && (over(a) !== 'websocket' || over(b) !== 'websocket'))) {
    await Promise.all([a.send(id, { body: `a ${n}` }), b.send(id, { body: `b ${n}` })]);
    n++;
    await new Promise((next) => setTimeout(next, 50));
  }
  assert.equal(over(a), 'websocket');
  assert.equal(over(b), 'websocket');
  await until('all are there', () => texts(mine).length >= 2 * n && texts(theirs).length >= 2 * n);
  const order = texts(mine);
  assert.deepEqual(texts(theirs), order);
  assert.deepEqual(order.filter((t) => t?.startsWith('a')), Array.from({ length: n }, (_, i) => `a ${i}`));
  assert.deepEqual(order.filter((t) => t?.startsWith('b')), Array.from({ length: n }, (_, i) => `b ${i}`));
  await until('none waits', () => a.outbox.value.length + b.outbox.value.length === 0);
});

test('offline: sends wait, and go in order when the network is back', async () => {
  const { ada, bob, id } = await pair();
  proxy.fault = 'none';
  const a = await openClient(through(), ada);
  const b = await openClient(stack, bob);
  const theirs = b.timeline(id);
  proxy.fault = 'offline';
  await until('ada knows', () => a.connection.value.state === 'offline');
  for (let i = 0; i < 5; i++) await a.send(id, { body: `w ${i}` });
  assert.equal(a.totals.value.waiting, 5);
  proxy.fault = 'none';
  a.wake();
  await until('all are there', () => texts(theirs).length === 5);
  assert.deepEqual(texts(theirs), ['w 0', 'w 1', 'w 2', 'w 3', 'w 4']);
  await until('none waits', () => a.totals.value.waiting === 0);
});
