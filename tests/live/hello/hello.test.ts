// SPDX-License-Identifier: Apache-2.0
//
// `hello`: who may say it, what it is answered by, and what makes the client begin anew.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { expectStatus } from '../../lib/http.ts';
import { TRANSPORTS, WsLive, type Live } from '../../lib/live.ts';
import { useStack } from '../../lib/stack.ts';
import { until } from '../../lib/wait.ts';

const stack = useStack();

/** How a session ends, as its transport shows it. */
const ended = (live: Live, ws: number, poll: number): Promise<void> =>
  live.end().then(({ code }) => assert.equal(code, live.transport === 'ws' ? ws : poll));

for (const transport of TRANSPORTS) {
  describe(`hello over ${transport}`, () => {
    it('welcomes with the account, the login session and the relay', async () => {
      const ada = await stack.person('ada', { display_name: 'Ada' });
      const live = stack.open(transport, ada, 'b');
      const welcome = await live.hello({ client: 'test/1' });
      const me = expectStatus(await ada.get('/api/me'), 200);
      const { sessions } = expectStatus(await ada.get('/api/sessions'), 200);
      assert.deepEqual(welcome.account, me.account);
      assert.equal(welcome.session, sessions.find((s: { current: boolean }) => s.current).id);
      assert.deepEqual([welcome.relay, welcome.heartbeat], ['b', 25]);
      const list = expectStatus(await ada.get('/api/conversations'), 200);
      assert.deepEqual([welcome.epoch, welcome.account_mod], [list.epoch, list.account_mod]);
      assert.match(welcome.time, /Z$/);
      assert.deepEqual(live.events.map((e) => e.type), ['welcome', 'ready']);
    });

    it('an unknown credential is not authenticated', async () => {
      const live = stack.open(transport, { token: 'A'.repeat(43) });
      live.send({ type: 'hello' });
      await ended(live, 4001, 401);
    });

    it('who must change the password may not', async () => {
      const ada = await stack.person('ada');
      await stack.db.query('UPDATE parley.credential SET must_change_password = true WHERE account_id = $1', [ada.id]);
      const live = stack.open(transport, ada);
      live.send({ type: 'hello' });
      await ended(live, 1008, 403);
    });

    it('that the database cannot answer now is told when to come again', async () => {
      const [{ body }] = await stack.db.query<{ body: string }>(`SELECT pg_get_functiondef('api.live_hello'::regproc) AS body`) as [{ body: string }];
      await stack.db.query(body.replace(/AS \$function\$[^]*/, `AS $function$ BEGIN RAISE EXCEPTION USING ERRCODE = 'query_canceled'; END $function$`));
      const live = stack.open(transport, await stack.person('ada'));
      live.send({ type: 'hello' });
      await ended(live, 1013, 503);
      await stack.db.query(body);
      const byes = live.events.map((e) => [e.type, e.reason, e.reconnect_ms >= 500 && e.reconnect_ms <= 10_000]);
      assert.deepEqual(byes, transport === 'ws' ? [['bye', 'unavailable', true]] : []); // a poll's refusal has Retry-After
    });

    it('is the first command', async () => {
      const live = stack.open(transport, await stack.person('ada'));
      live.send({ type: 'ping' }, { type: 'hello' });
      await ended(live, 1008, 400);
      assert.deepEqual(live.events, []);
    });

    it('malformed members end the connection and nothing runs', async () => {
      const ada = await stack.person('ada');
      const conversation = await stack.direct(ada, ada);
      const bad: Record<string, unknown>[] = [
        { resume: [] }, { resume: { x: 1 } }, { resume: { 1: -1 } }, { resume: { 1: 'a' } }, { resume: { '01': 1 } }, { resume: { 1: 1.5 } },
        { account_mod: 'a' }, { account_mod: -1 }, { epoch: 5 }, { more: 1 }, { client: {} }, { token: 7 },
        { resume: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i + 1, 0])) },
      ];
      for (const members of bad) {
        const live = stack.open(transport, ada);
        await live.hello();
        live.send({ type: 'send', ref: randomUUID(), conversation, body: 'never' }, { type: 'hello', ...members });
        await ended(live, 1008, 400);
      }
      assert.deepEqual(expectStatus(await ada.get(`/api/history/${conversation}`), 200).messages, []);
    });

    it('commands of the same frame run after welcome', async () => {
      const ada = await stack.person('ada');
      const conversation = await stack.direct(ada, ada);
      const live = stack.open(transport, ada);
      const ref = randomUUID();
      live.send({ type: 'hello' }, { type: 'send', ref, conversation, body: 'early' });
      const sent = await live.answer(ref);
      assert.equal(sent.type, 'sent');
      await live.seen('message', (m) => m.ref === ref);
      assert.equal(live.events[0]!.type, 'welcome');
    });

    it('another epoch, a mod or an account_mod above the database is answered by reset', async () => {
      const ada = await stack.person('ada');
      const conversation = await stack.direct(ada, ada);
      for (const members of [{ epoch: 'other' }, { account_mod: 1e9 }, { resume: { [conversation]: 1e9 } }]) {
        const live = stack.open(transport, ada);
        live.send({ type: 'hello', ...members });
        await live.next('reset');
        // The connection stays, with answers only, until the next hello.
        assert.equal((await live.say(conversation, 'while reset')).type, 'sent');
        await live.settle();
        assert.deepEqual(live.events.map((e) => e.type), ['welcome', 'reset', 'sent', 'pong']);
        await live.hello();
        await live.say(conversation, 'after');
        await live.seen('message', (m) => m.body === 'after');
      }
    });

    it('may be said again, and what it names is told from there', async () => {
      const ada = await stack.person('ada');
      const conversation = await stack.direct(ada, ada);
      const live = stack.open(transport, ada);
      await live.hello();
      const first = await live.say(conversation, 'first');
      await live.say(conversation, 'second');
      await live.seen('message', (m) => m.body === 'second');
      const before = live.events.length;
      await live.hello({ resume: { [conversation]: first.mod } });
      await live.say(conversation, 'third');
      await live.seen('message', (m) => m.body === 'third');
      const texts = live.events.slice(before).filter((e) => e.type === 'message').map((m) => m.body);
      assert.deepEqual(texts, ['second', 'third']);
    });

    it('a newer hello takes the place of one under way', async () => {
      const ada = await stack.person('ada');
      const conversation = await stack.direct(ada, ada);
      const live = stack.open(transport, ada);
      await live.hello();
      for (let i = 0; i < 5; i++) assert.equal((await live.say(conversation, `line ${i}`)).type, 'sent');
      live.send(...Array.from({ length: 20 }, () => ({ type: 'hello', resume: { [conversation]: 0 } })));
      const last = () => live.events.slice(live.events.findLastIndex((e) => e.type === 'welcome'));
      const seqs = () => last().filter((e) => e.type === 'message').map((m) => m.seq);
      await live.settle();
      await until('the last is ready', () => last().some((e) => e.type === 'ready') && seqs().length >= 5);
      assert.deepEqual(seqs(), [1, 2, 3, 4, 5]);
    });
  });
}

describe('hello over ws', () => {
  it('needs a credential', async () => {
    const live = stack.open('ws', { token: null });
    live.send({ type: 'hello' });
    await ended(live, 4001, 401);
  });

  it('a text that is no token is not authenticated', async () => {
    const live = stack.open('ws', { token: 'short' });
    live.send({ type: 'hello' });
    await ended(live, 4001, 401);
  });

  it('a session stays with its account', async () => {
    const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
    const live = new WsLive(stack.live(), ada.token);
    await live.hello();
    live.send({ type: 'hello', token: bob.token! });
    await ended(live, 1008, 400);
  });

  it('a revoked session that says hello again is told so', async () => {
    const ada = await stack.person('ada');
    const live = stack.open('ws', ada);
    await live.hello();
    expectStatus(await ada.post('/api/logout'), 204);
    live.send({ type: 'hello' });
    await ended(live, 4002, 401);
  });
});
