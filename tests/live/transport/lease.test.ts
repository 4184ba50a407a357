// SPDX-License-Identifier: Apache-2.0
//
// The lease: a relay that is dead, frozen or cut off from the database is known to be so within 10 s, by others and by
// itself; it acts on nothing meanwhile and starts a new life afterwards.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { expectProblem } from '../../lib/http.ts';
import { TRANSPORTS } from '../../lib/live.ts';
import { useStack, type Person } from '../../lib/stack.ts';
import { pause, until } from '../../lib/wait.ts';
import { mirrorOf } from '../mirror.ts';
import { http, RawSocket, ready } from './raw.ts';

const stack = useStack({ alone: true });

const relays = async (): Promise<string[]> =>
  (await stack.db.query<{ name: string }>('SELECT name FROM parley.relay_node n WHERE parley._relay_alive(n) ORDER BY name')).map((row) => row.name);
const life = async (name: string): Promise<string> =>
  (await stack.db.query<{ incarnation: string }>('SELECT incarnation FROM parley.relay_node WHERE name = $1', [name]))[0]?.incarnation ?? '';
const known = async (person: Person): Promise<string[]> =>
  ((await person.get('/api/relays')).body.relays as { name: string }[]).map((relay) => relay.name).sort();

/** Who watches `person` from relay b, and what it is told. */
async function watch(person: Person): Promise<() => string | undefined> {
  const bob = await stack.person('bob');
  const live = stack.open('ws', bob, 'b');
  await live.hello();
  live.send({ type: 'watch', accounts: [person.id] });
  return () => live.events.filter((event) => event.type === 'presence').at(-1)?.state as string | undefined;
}

describe('a relay that is killed', () => {
  it('is forgotten with its people within 10 s, and comes back as another', { timeout: 60_000 }, async () => {
    const ada = await stack.person('ada');
    await stack.open('ws', ada, 'a').hello();
    const state = await watch(ada);
    await until('online', () => state() === 'online');
    const before = await life('a');
    await stack.daemon('relay-a').stop('SIGKILL');
    const started = performance.now();
    await until('gone from the list', async () => !(await known(ada)).includes('a'));
    await until('told as offline', () => state() === 'offline');
    assert.ok(performance.now() - started < 10_000, `${performance.now() - started} ms`);
    await stack.startRelay('a');
    await until('back', async () => (await known(ada)).includes('a'), 5000);
    assert.notEqual(await life('a'), before);
  });

  it('and started again at once does not tell its people as offline who come back', { timeout: 60_000 }, async () => {
    const ada = await stack.person('ada');
    await stack.open('ws', ada, 'a').hello();
    const gone = await stack.person('gone');
    await stack.open('ws', gone, 'a').hello();
    const [state, other] = [await watch(ada), await watch(gone)];
    await until('online', () => state() === 'online' && other() === 'online');
    const before = await life('a');
    await stack.restartRelay('a');
    await until('the relay works again', async () => (await life('a')) !== before);
    await stack.open('ws', ada, 'a').hello();
    await until('who did not come back is told as offline', () => other() === 'offline', 10_000);
    assert.equal(state(), 'online');
  });
});

describe('a relay that is frozen', () => {
  it('for 8 s takes nothing meanwhile: who sent something is sent elsewhere, who waited goes on', { timeout: 60_000 }, async () => {
    const ada = await stack.person('ada');
    const conversation = await stack.direct(ada, ada);
    const [raw, quiet] = [await ready(stack.socket('relay-a'), ada.token), await ready(stack.socket('relay-a'), ada.token)];
    const daemon = stack.daemon('relay-a');
    await until('a renewal has just been', async () => (await stack.db.query<{ ok: boolean }>(
      "SELECT clock_timestamp() - beat < interval '200 milliseconds' AS ok FROM parley.relay_node WHERE name = 'a'"))[0]!.ok);
    daemon.signal('SIGSTOP');
    raw.say({ type: 'send', ref: randomUUID(), conversation, body: 'too late' });
    await pause(8000);
    daemon.signal('SIGCONT');
    const bye = (await raw.events())[0];
    assert.deepEqual([bye.type, bye.reason], ['bye', 'unavailable']);
    assert.ok(bye.reconnect_ms >= 500 && bye.reconnect_ms <= 10_000);
    assert.equal(await raw.closed(), 1013);
    await until('the lease is good again', async () => (await http(stack.socket('relay-a'), 'POST', '/live/poll', {})).status === 401);
    quiet.say({ type: 'ping', n: 2 });
    assert.equal((await quiet.event('pong')).n, 2);
    assert.deepEqual((await ada.get(`/api/history/${conversation}`)).body.messages, []);
    quiet.end();
  });

  it('for 12 s ends everybody on waking, and acts on nothing; they went on at the other meanwhile', { timeout: 60_000 }, async () => {
    const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
    const conversation = await stack.direct(ada, bob);
    const other = await stack.group(ada, [bob]);
    const state = await watch(ada);
    const raw = await ready(stack.socket('relay-a'), ada.token);
    const poll = stack.open('poll', ada, 'a');
    await poll.hello();
    await until('online', () => state() === 'online');
    const [daemon, before] = [stack.daemon('relay-a'), await life('a')];
    daemon.signal('SIGSTOP');
    const started = performance.now();
    await until('gone from the list', async () => !(await known(ada)).includes('a'));
    await until('told as offline', () => state() === 'offline');
    assert.ok(performance.now() - started < 10_500, `${performance.now() - started} ms`);
    raw.say({ type: 'send', ref: randomUUID(), conversation, body: 'too late' });
    const [mirror, ref, writer] = [mirrorOf(poll), randomUUID(), stack.open('ws', bob, 'b')];
    raw.say({ type: 'send', ref, conversation: other, body: 'unanswered' });
    await writer.hello();
    await writer.say(other, 'meanwhile');
    for (const transport of TRANSPORTS) {
      const moved = stack.open(transport, ada, 'b');
      await moved.hello({ ...mirror.resume, resume: { [other]: 0 } });
      assert.equal((await moved.say(other, 'unanswered', { ref })).type, 'sent');
    }
    await pause(12_000 - (performance.now() - started));
    daemon.signal('SIGCONT');
    const bye = await raw.event('bye');
    assert.equal(bye.reason, 'unavailable');
    assert.ok(bye.reconnect_ms >= 500 && bye.reconnect_ms <= 10_000);
    assert.equal(await raw.closed(), 1013);
    assert.equal((await poll.seen('bye')).reason, 'unavailable');
    await until('a new life', async () => (await relays()).includes('a') && (await life('a')) !== before);
    assert.deepEqual((await ada.get(`/api/history/${conversation}`)).body.messages, []);
    const again = stack.open('ws', ada, 'a');
    await again.hello({ ...mirror.resume, resume: { [other]: 0 } });
    assert.deepEqual(mirrorOf(again).texts(other), ['meanwhile', 'unanswered']);
  });
});

describe('a database that is away', () => {
  it('ends sessions after 10 s, is told by 503, and all comes back by itself', { timeout: 120_000 }, async () => {
    const ada = await stack.person('ada');
    const live = stack.open('ws', ada, 'a');
    await live.hello();
    const before = await life('a');
    const { cluster, name } = stack.db;
    await cluster.sql('postgres', `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await cluster.sql('postgres', 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    const started = performance.now();
    const bye = await live.seen('bye');
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds > 7 && seconds < 12, `after ${seconds} s`);
    assert.equal(bye.reason, 'unavailable');
    assert.equal((await live.end()).code, 1013);
    const refused = await RawSocket.open(stack.socket('relay-a'));
    assert.equal(refused.status, 503);
    assert.match(refused.head, /retry-after: \d/i);
    const poll = await http(stack.socket('relay-a'), 'POST', '/live/poll', { session: null, commands: [{ type: 'hello' }] }, { authorization: `Bearer ${ada.token}` });
    assert.deepEqual([poll.status, poll.body.type], [503, 'urn:parley:unavailable']);
    for (const path of ['/api/health', '/api/me', '/api/conversations', `/api/history/1`]) {
      const answer = await ada.get(path);
      expectProblem(answer, 503, 'unavailable');
      assert.ok(Number(answer.headers.get('retry-after')) > 0, path);
    }
    await cluster.sql('postgres', `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await until('both relays are back', async () => (await relays()).join() === 'a,b');
    assert.notEqual(await life('a'), before);
    await stack.open('ws', ada, 'a').hello();
    await until('the programs too', async () => (await Promise.all(['/api/health', '/api/me', '/api/conversations'].map((path) => ada.get(path)))).every(({ status }) => status === 200));
  });

  it('for a moment is not noticed', { timeout: 60_000 }, async () => {
    const ada = await stack.person('ada');
    const live = stack.open('ws', ada, 'a');
    await live.hello();
    const state = await watch(ada);
    await until('online', () => state() === 'online');
    const before = await life('a');
    await stack.db.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
    await stack.db.query('TRUNCATE parley.presence'); // as a crash leaves it
    await pause(6000);
    await live.settle();
    assert.equal(await life('a'), before);
    assert.equal(state(), 'online');
    const rows = await stack.db.query('SELECT 1 FROM parley.presence WHERE account_id = $1', [ada.id]);
    assert.equal(rows.length, 1);
  });
});

describe('a flood of status', () => {
  it('is answered unavailable, and does not keep the lease from being renewed', { timeout: 60_000 }, async () => {
    const live = stack.open('ws', await stack.person('ada'), 'a');
    await live.hello();
    const [{ body }] = await stack.db.query<{ body: string }>(`SELECT pg_get_functiondef('api.live_status'::regproc) AS body`) as [{ body: string }];
    await stack.db.query(body.replace('BEGIN', 'BEGIN PERFORM pg_sleep(0.02);'));
    const flood = setInterval(() => live.send(...Array.from({ length: 100 }, (_, n) => ({ type: 'status', state: 'online', text: `${n}` }))), 200);
    await live.seen('failed');
    const started = Date.now();
    await until('renewed since', async () =>
      (await stack.db.query(`SELECT FROM parley.relay_node WHERE name = 'a' AND beat > to_timestamp($1 / 1000.0 + 2)`, [started])).length > 0)
      .finally(() => clearInterval(flood));
    await stack.db.query(body);
    assert.equal(live.ending, undefined); // a command to a stale lease would have ended it
    assert.equal((await live.seen('failed')).error.type, 'urn:parley:unavailable');
  });
});
