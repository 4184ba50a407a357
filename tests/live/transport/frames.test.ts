// SPDX-License-Identifier: Apache-2.0
//
// WebSocket frames made by hand: how many messages go into one, how long they may be, and with which close code bad use of
// Parley's protocol ends (of the WebSocket's own: conformance.test.ts). Whatever one connection does, others go on.

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { useStack, type Person } from '../../lib/stack.ts';
import { frame, OP, RawSocket, ready } from './raw.ts';

const stack = useStack({ relays: ['a'] });
const path = (): string => stack.socket('relay-a');

let ada: Person;
beforeEach(async () => {
  ada ??= await stack.person('ada');
});

describe('a message', () => {
  it('may share a segment with others', async () => {
    const raw = await ready(path(), ada.token);
    raw.write(...Array.from({ length: 50 }, (_, n) => frame(OP.text, JSON.stringify({ type: 'ping', n }))));
    const seen: number[] = [];
    while (seen.length < 50) seen.push(...(await raw.events()).map((event) => event.n as number));
    assert.deepEqual(seen, Array.from({ length: 50 }, (_, n) => n));
    raw.end();
  });

  it('may be as long as the limit, and no longer', async () => {
    const raw = await ready(path(), ada.token);
    const padded = (length: number): string => {
      const bare = '{"type":"ping","pad":""}';
      return bare.replace('""', `"${'x'.repeat(length - bare.length)}"`);
    };
    raw.write(frame(OP.text, padded(262_144)));
    await raw.event('pong');
    raw.write(frame(OP.text, padded(262_145)));
    assert.equal(await raw.closed(), 1009);
  });

  it('is too long in pieces, too, before it is whole', async () => {
    const raw = await ready(path(), ada.token);
    raw.write(frame(OP.text, '[', { fin: false }));
    for (let i = 0; i < 5; i++) raw.write(frame(OP.more, ' '.repeat(60_000), { fin: false }));
    assert.equal(await raw.closed(), 1009);
  });

  it('of one command or of many is answered in arrays', async () => {
    const raw = await ready(path(), ada.token);
    raw.say({ type: 'ping', n: 1 });
    assert.deepEqual((await raw.events()).map((event) => event.n), [1]);
    raw.say({ type: 'ping', n: 2 }, { type: 'ping', n: 3 });
    assert.deepEqual((await raw.events()).map((event) => event.n), [2, 3]);
    raw.write(frame(OP.text, '[]'));
    raw.say({ type: 'ping', n: 4 });
    assert.deepEqual((await raw.events()).map((event) => event.n), [4]);
    raw.end();
  });
});

describe('bad use', () => {
  const cases: [what: string, bytes: () => Buffer[], code: number | number[]][] = [
    ['no JSON', () => [frame(OP.text, 'hello')], 1007],
    ['JSON and more', () => [frame(OP.text, '{"type":"ping"} {}')], 1007],
    ['NaN', () => [frame(OP.text, '{"type":"ping","n":NaN}')], 1007],
    ['a repeated key', () => [frame(OP.text, '{"type":"ping","type":"ping"}')], 1007],
    ['NUL in a text', () => [frame(OP.text, '{"type":"ping","x":"\\u0000"}')], 1007],
    ['a lone surrogate', () => [frame(OP.text, '{"type":"ping","x":"\\ud800"}')], 1007],
    ['nested too deep', () => [frame(OP.text, '['.repeat(17) + ']'.repeat(17))], 1007],
    ['a number', () => [frame(OP.text, '7')], 1008],
    ['an array of numbers', () => [frame(OP.text, '[7]')], 1008],
    ['an object without a type', () => [frame(OP.text, '{"n":7}')], 1008],
    ['a type that is no text', () => [frame(OP.text, '{"type":7}')], 1008],
    ['101 commands', () => [frame(OP.text, JSON.stringify(Array.from({ length: 101 }, () => ({ type: 'ping' }))))], 1008],
    ['a bad hello', () => [frame(OP.text, '{"type":"hello","resume":[]}')], 1008],
    ['a length of 2^63 - 1', () => [frame(OP.text, ' '.repeat(2000), { length: 2n ** 63n - 1n })], 1009],
    ['a length of 2^31', () => [frame(OP.text, ' '.repeat(2000), { length: 2n ** 31n })], 1009],
  ];
  for (const [what, bytes, codes] of cases) {
    it(`ends with ${String(codes)}: ${what}`, async () => {
      const [bad, other] = [await ready(path(), ada.token), await ready(path(), ada.token)];
      bad.write(...bytes());
      const code = await bad.closed().catch((error: Error) => error.message);
      assert.ok([codes].flat().some((expected) => expected === code), `got ${code}`);
      other.say({ type: 'ping', n: 1 });
      assert.equal((await other.event('pong')).n, 1);
      other.end();
    });
  }

  it('what follows is not run', async () => {
    const [ada2, bob] = [await stack.person('ada'), await stack.person('bob')];
    const conversation = await stack.direct(ada2, bob);
    const send = { type: 'send', ref: '6f1c2f3e-0000-4000-8000-000000000001', conversation, body: 'no' };
    const raw = await ready(path(), ada2.token);
    raw.write(frame(OP.text, JSON.stringify([send, { n: 1 }])), frame(OP.text, JSON.stringify(send)));
    assert.equal(await raw.closed(), 1008);
    const { body } = await ada2.get(`/api/history/${conversation}`);
    assert.deepEqual(body.messages, []);
  });
});

describe('who does not log in', () => {
  it('ends with 4001: no token, a bad one, an unknown one', async () => {
    for (const hello of [{ type: 'hello' }, { type: 'hello', token: 'x' }, { type: 'hello', token: 'A'.repeat(43) }]) {
      const raw = await RawSocket.open(path());
      raw.say(hello);
      assert.equal(await raw.closed(), 4001);
    }
  });

  it('ends with 1008: a command before the hello', async () => {
    const raw = await RawSocket.open(path());
    raw.say({ type: 'ping' });
    assert.equal(await raw.closed(), 1008);
  });

  it('ends with 4001: nothing said for 10 s', { timeout: 30_000 }, async () => {
    const started = performance.now();
    const raw = await RawSocket.open(path());
    assert.equal(await raw.closed(), 4001);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds > 9.5 && seconds < 13, `after ${seconds} s`);
  });
});
