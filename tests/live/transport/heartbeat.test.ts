// SPDX-License-Identifier: Apache-2.0
//
// The relay's heartbeat: a peer that says nothing is pinged, one that answers stays, one that does not is dropped.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useStack } from '../../lib/stack.ts';
import { frame, OP, ready } from './raw.ts';

const HEARTBEAT = 5;
const stack = useStack({ relays: ['a'], config: { heartbeat: HEARTBEAT } });

describe('heartbeat', () => {
  it('is told in welcome', async () => {
    const ada = await stack.person('ada');
    const live = stack.open('ws', ada);
    assert.equal((await live.hello()).heartbeat, HEARTBEAT);
  });

  it('pings the silent, keeps who answers and drops who does not', { timeout: 60_000 }, async () => {
    const ada = await stack.person('ada');
    const path = stack.socket('relay-a');
    const [deaf, alive] = [await ready(path, ada.token), await ready(path, ada.token)];
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    const answering = (async () => {
      let pings = 0;
      while (seconds() < 3.5 * HEARTBEAT) {
        const got = await alive.frame();
        if (got.op !== OP.ping) continue;
        pings++;
        alive.write(frame(OP.pong, got.data));
      }
      return pings;
    })();
    const first = await deaf.frame();
    assert.equal(first.op, OP.ping);
    assert.ok(seconds() > 0.7 * HEARTBEAT && seconds() < HEARTBEAT + 2, `pinged after ${seconds()} s`);
    await deaf.gone(4 * HEARTBEAT * 1000);
    assert.ok(seconds() > 2 * HEARTBEAT - 1 && seconds() < 2 * HEARTBEAT + 3, `dropped after ${seconds()} s`);
    assert.ok((await answering) >= 3);
    alive.say({ type: 'ping', n: 1 });
    assert.equal((await alive.event('pong')).n, 1);
    alive.end();
  });

  it('does not ping who speaks', { timeout: 30_000 }, async () => {
    const ada = await stack.person('ada');
    const raw = await ready(stack.socket('relay-a'), ada.token);
    const started = performance.now();
    while (performance.now() - started < 2.2 * HEARTBEAT * 1000) {
      raw.say({ type: 'ping' });
      const got = await raw.frame();
      assert.equal(got.op, OP.text);
      await new Promise((done) => setTimeout(done, 500));
    }
    raw.end();
  });
});
