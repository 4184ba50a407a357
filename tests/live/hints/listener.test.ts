// SPDX-License-Identifier: Apache-2.0
//
// A lost listener, a new epoch: what a relay does when what it heard, or delivered, means nothing any more.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectStatus } from '../../lib/http.ts';
import { TRANSPORTS } from '../../lib/live.ts';
import { useStack } from '../../lib/stack.ts';
import { pause, until } from '../../lib/wait.ts';
import { mirrorOf } from '../mirror.ts';

const stack = useStack({ alone: true });

/** Ends the connections of the relays that last ran a statement like `query`. */
const cut = (query: string) => stack.db.query<{ pid: number }>(
  `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE '%relay' AND query LIKE $1`, [query]);

for (const transport of TRANSPORTS) {
  describe(`a lost listener, over ${transport}`, () => {
    it('loses nothing and no order', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello()]);
      for (let i = 0; i < 60; i++) {
        if (i % 20 === 10) assert.ok((await cut('%live_hints%')).length > 0);
        await from.say(conversation, `line ${i}`);
        await pause(10);
      }
      await to.seen('message', (m) => m.seq === 60);
      await from.seen('message', (m) => m.seq === 60);
      for (const live of [from, to]) {
        assert.deepEqual(mirrorOf(live).texts(conversation), Array.from({ length: 60 }, (_, i) => `line ${i}`));
      }
    });

    it('finds login sessions that ended without a word', async () => {
      const ada = await stack.person('ada');
      const live = stack.open(transport, ada, 'b');
      const { session } = await live.hello();
      await stack.db.query(`UPDATE parley.session SET last_seen = now() - interval '31 days' WHERE id = $1`, [session]);
      assert.equal((await live.next('bye')).reason, 'revoked');
      assert.equal((await live.end()).code, transport === 'ws' ? 4002 : 401);
    });

    it('hears of logouts while it was gone', async () => {
      const ada = await stack.person('ada');
      const live = stack.open(transport, ada, 'b');
      await live.hello();
      await cut('%live_hints%');
      expectStatus(await ada.post('/api/logout'), 204);
      assert.equal((await live.next('bye')).reason, 'revoked');
    });
  });

  describe(`another epoch, over ${transport}`, () => {
    it('tells everybody to read anew', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      const [{ epoch }] = await Promise.all([from.hello(), to.hello()]);
      await from.say(conversation, 'before');
      await to.seen('message');
      await stack.db.query(`SELECT parley._epoch(true), pg_notify('parley', 'e')`);
      await Promise.all([from.next('reset'), to.next('reset')]);
      const sent = await from.say(conversation, 'between');
      assert.equal(sent.type, 'sent');
      const list = expectStatus(await bob.get('/api/conversations'), 200);
      assert.notEqual(list.epoch, epoch);
      const welcome = await to.hello({ epoch: list.epoch, account_mod: list.account_mod, resume: { [conversation]: list.conversations[0].mod } });
      assert.equal(welcome.epoch, list.epoch);
      await from.hello({ epoch: list.epoch });
      await from.say(conversation, 'after');
      await to.seen('message', (m) => m.body === 'after');
      assert.ok(!to.events.some((m) => m.body === 'between'));
    });

    it('tells markers that were told before', async () => {
      const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
      const conversation = await stack.direct(ada, bob);
      const [from, to] = [stack.open(transport, ada, 'a'), stack.open(transport, bob, 'b')];
      await Promise.all([from.hello(), to.hello()]);
      await from.say(conversation, 'one');
      to.send({ type: 'read', conversation, seq: 1 });
      await from.next('read');
      // As a restored backup has it.
      await stack.db.query('UPDATE parley.membership SET read_seq = 0, received_seq = 0 WHERE conversation_id = $1', [conversation]);
      await stack.db.query(`SELECT parley._epoch(true), pg_notify('parley', 'e')`);
      await Promise.all([from.next('reset'), to.next('reset')]);
      await Promise.all([from.hello(), to.hello()]);
      to.send({ type: 'read', conversation, seq: 1 });
      assert.equal((await from.next('read')).seq, 1);
    });
  });
}

describe('hints', () => {
  it('list what commits late, and nothing that was there before', async () => {
    const [{ next }] = await stack.db.query<{ next: string }>('SELECT next FROM api.live_hints(NULL, 10)') as [{ next: string }];
    await until('a hint', async () => {
      await stack.db.query(`SELECT parley._tell(ARRAY['c 5 6', 'a 7 8'])`);
      return true;
    });
    const [row] = await stack.db.query<{ lines: string; missed: boolean; next: string }>('SELECT * FROM api.live_hints($1::pg_snapshot, 10)', [next]);
    assert.deepEqual([row!.lines, row!.missed], ['c 5 6\na 7 8', false]);
    const [none] = await stack.db.query<{ lines: string | null }>('SELECT * FROM api.live_hints($1::pg_snapshot, 10)', [row!.next]);
    assert.equal(none!.lines, null);
    const [many] = await stack.db.query<{ lines: string | null; missed: boolean }>('SELECT * FROM api.live_hints($1::pg_snapshot, 0)', [next]);
    assert.deepEqual([many!.lines, many!.missed], [null, true]);
  });
});
