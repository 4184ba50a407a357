// SPDX-License-Identifier: Apache-2.0
//
// Long-poll request by request: batches, acknowledgement, lost and overtaken answers, superseding, numbered commands, and
// how a poll session ends.

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { expectStatus } from '../../lib/http.ts';
import { useStack, type Person } from '../../lib/stack.ts';
import { pause } from '../../lib/wait.ts';
import { http, type RawAnswer } from './raw.ts';

const stack = useStack({ relays: ['a', 'b'] });
const path = (): string => stack.socket('relay-a');
const HELLO = { type: 'hello' };
const ping = (n: number): object => ({ type: 'ping', n });

let ada: Person;
beforeEach(async () => {
  ada ??= await stack.person('ada');
});

const post = (body: object, token: string | null = ada.token, socket = path()): Promise<RawAnswer> =>
  http(socket, 'POST', '/live/poll', body, { authorization: `Bearer ${token}` });

/** A poll session that has had its first batch, and what it knows. */
class Poll {
  session = '';
  ack = 0;
  token: string | null;
  constructor(token: string | null) {
    this.token = token;
  }
  async call(body: object): Promise<any> {
    const answer = await post({ session: this.session, ack: this.ack, wait: 0, ...body }, this.token);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }
  /** A call whose batch counts as received. */
  async take(body: object): Promise<any> {
    const answer = await this.call(body);
    if (answer.batch !== undefined) this.ack = answer.batch;
    return answer;
  }
  /** Takes batches until an event of this type has come; returns all that came. */
  async until(type: string): Promise<any[]> {
    const events: any[] = [];
    while (!events.some((event) => event.type === type)) events.push(...(await this.take({ wait: 5 })).events);
    return events;
  }
  /** Takes all there is, so that what comes next is the test's own. */
  async quiet(): Promise<void> {
    while ((await this.take({ wait: 1 })).events.length > 0);
  }
}

async function open(members: object = {}, token = ada.token): Promise<Poll> {
  const poll = new Poll(token);
  const { status, body } = await post({ session: null, ack: 0, commands: [HELLO], ...members }, token);
  assert.equal(status, 200, JSON.stringify(body));
  assert.match(body.session, /^[0-9a-f]{32}$/);
  poll.session = body.session;
  poll.ack = body.batch;
  if (!body.events.some((event: any) => event.type === 'ready')) await poll.until('ready');
  await poll.quiet();
  return poll;
}

const ns = (answer: any): number[] => answer.events.filter((event: any) => event.type === 'pong').map((event: any) => event.n);

describe('batches', () => {
  it('begin at 1, with welcome, and carry running numbers', async () => {
    const { body } = await post({ session: null, ack: 0, wait: 0, commands: [HELLO] });
    assert.deepEqual([body.batch, body.events[0].type, body.taken], [1, 'welcome', undefined]);
    const poll = await open();
    const before = poll.ack;
    assert.deepEqual(ns(await poll.take({ commands: [ping(1)] })), [1]);
    assert.deepEqual(ns(await poll.take({ commands: [ping(2)] })), [2]);
    assert.equal(poll.ack, before + 2);
  });

  it('without events have the number acknowledged, and need no acknowledgement', async () => {
    const poll = await open();
    for (let i = 0; i < 2; i++) {
      const answer = await poll.call({});
      assert.deepEqual([answer.batch, answer.events], [poll.ack, []]);
    }
  });

  it('come again, the same, until they are acknowledged', async () => {
    const poll = await open();
    const first = await poll.call({ commands: [ping(1)] });
    const more = await poll.call({ commands: [ping(2)], wait: 20 });
    const again = await poll.call({ wait: 20 });
    assert.deepEqual(more, first);
    assert.deepEqual(again, first);
    poll.ack = first.batch;
    assert.deepEqual(ns(await poll.take({ wait: 5 })), [2]);
  });

  it('wait for events as long as they are told', async () => {
    const poll = await open();
    const started = performance.now();
    const answer = await poll.call({ wait: 1 });
    const ms = performance.now() - started;
    assert.deepEqual(answer.events, []);
    assert.ok(ms > 950 && ms < 2500, `${ms} ms`);
  });

  it('end their wait when an event comes', async () => {
    const [eve, bob] = [await stack.person('eve'), await stack.person('bob')];
    const conversation = await stack.direct(eve, bob);
    const poll = await open({}, bob.token);
    const waiting = poll.take({ wait: 30 });
    await pause(200);
    const started = performance.now();
    await eve.post('/api/messages', { ref: crypto.randomUUID(), conversation, body: 'wake up' });
    const events = (await waiting).events as any[];
    if (!events.some((event) => event.type === 'message')) await poll.until('message');
    assert.ok(performance.now() - started < 3000);
  });

  it('may be acknowledged only once they were sent', async () => {
    const poll = await open();
    const answer = await post({ session: poll.session, ack: poll.ack + 1, first: 1, commands: [ping(1)] });
    assert.deepEqual([answer.status, answer.body.type], [400, 'urn:parley:invalid']);
    assert.deepEqual((await poll.call({})).events, []); // and its commands were not run
  });
});

describe('two requests of one session', () => {
  it('the newer takes over, the older answers at once', async () => {
    const poll = await open();
    const started = performance.now();
    const older = poll.call({ wait: 30 });
    await pause(100);
    const newer = poll.call({ wait: 1 });
    const { session, superseded, batch, events } = await older;
    assert.deepEqual([session, superseded, batch, events], [poll.session, true, undefined, undefined]);
    assert.ok(performance.now() - started < 900);
    assert.deepEqual((await newer).events, []);
  });

  it('an overtaken one has its commands taken and leaves the held poll alone', async () => {
    const poll = await open();
    const old = poll.ack;
    await poll.take({ commands: [ping(1)] });
    await poll.take({});
    const held = poll.call({ wait: 30 });
    await pause(100);
    const overtaken = await poll.call({ ack: old, commands: [ping(2)], wait: 30 });
    assert.equal(overtaken.superseded, true);
    assert.deepEqual(ns(await held), [2]);
  });

  it('one whose connection broke loses nothing', async () => {
    const poll = await open();
    const gone = new AbortController();
    const lost = fetch(`${stack.live('a')}/poll`, {
      method: 'POST', signal: gone.signal, headers: { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ session: poll.session, ack: poll.ack, wait: 30 }),
    });
    await pause(200);
    gone.abort();
    await assert.rejects(lost);
    assert.deepEqual(ns(await poll.take({ commands: [ping(3)], wait: 5 })), [3]);
  });
});

describe('numbered commands', () => {
  it('run once, however often they are sent', async () => {
    const poll = await open({ first: 1 });
    const one = { first: 2, commands: [ping(1), ping(2)] };
    assert.deepEqual(ns(await poll.take(one)), [1, 2]);
    const again = await poll.take(one);
    assert.deepEqual([ns(again), again.taken], [[], 3]);
    const overlapping = await poll.take({ first: 3, commands: [ping(2), ping(3)] });
    assert.deepEqual([ns(overlapping), overlapping.taken], [[3], 4]);
  });

  it('run in order, whatever order they come in', async () => {
    const poll = await open({ first: 1 });
    const early = await poll.take({ first: 4, commands: [ping(4), ping(5)] });
    assert.deepEqual([ns(early), early.taken], [[], 1]);
    assert.deepEqual(ns(await poll.take({ first: 3, commands: [ping(3)] })), []);
    const all = await poll.take({ first: 2, commands: [ping(2)] });
    assert.deepEqual([ns(all), all.taken], [[2, 3, 4, 5], 5]);
  });

  it('are kept up to 100 when they are early, then 429', async () => {
    const poll = await open({ first: 1 });
    const many = (from: number, count: number): object[] => Array.from({ length: count }, (_, i) => ping(from + i));
    await poll.take({ first: 3, commands: many(3, 99) });
    const refused = await post({ session: poll.session, ack: poll.ack, first: 200, commands: many(200, 2) });
    assert.deepEqual([refused.status, refused.body.type, refused.headers['retry-after']], [429, 'urn:parley:too_many', '1']);
    await poll.take({ first: 102, commands: many(102, 1) });
    await poll.take({ first: 3, commands: many(3, 99) }); // known ones need no room
    const all = await poll.take({ first: 2, commands: [ping(2)] });
    assert.deepEqual([ns(all), all.taken], [Array.from({ length: 101 }, (_, i) => i + 2), 102]);
  });

  it('are judged whole before any of them is run', async () => {
    const poll = await open({ first: 1 });
    const bad = await post({ session: poll.session, ack: poll.ack, first: 2, commands: [ping(2), { n: 3 }] });
    assert.equal(bad.status, 400);
    const good = await poll.take({ first: 2, commands: [ping(2)] });
    assert.deepEqual([ns(good), good.taken], [[2], 2]);
  });

  it('that fail count as run', async () => {
    const poll = await open({ first: 1 });
    const answer = await poll.take({ first: 2, commands: [{ type: 'nonsense' }, ping(3)] });
    assert.deepEqual([answer.events.map((event: any) => event.type), answer.taken], [['failed', 'pong'], 3]);
  });

  it('go with others that have none', async () => {
    const poll = await open();
    assert.deepEqual(ns(await poll.take({ commands: [ping(1)] })), [1]);
    assert.deepEqual(ns(await poll.take({ commands: [ping(1)] })), [1]);
  });
});

describe('a poll session', () => {
  const gone = async (session: string, token = ada.token, socket?: string): Promise<void> => {
    const answer = await post({ session, ack: 0, wait: 0 }, token, socket);
    assert.deepEqual([answer.status, answer.body.type], [410, 'urn:parley:gone']);
  };

  it('is bound to the credential and the relay that opened it', async () => {
    const poll = await open();
    const bob = await stack.person('bob');
    await gone(poll.session, bob.token);
    await gone(poll.session, ada.token, stack.socket('relay-b'));
    const again = await ada.post('/api/login', { login: ada.login, password: ada.password, bearer: true });
    await gone(poll.session, again.body.token);
    await poll.call({});
  });

  it('at plain /live/poll, behind the web server, stays with its relay', async () => {
    for (const person of [ada, await stack.person('bob'), await stack.person('cyd')]) {
      const ask = async (body: object): Promise<any> => expectStatus(await person.post('/live/poll', body), 200);
      let { session, batch } = await ask({ session: null, ack: 0, wait: 0, commands: [HELLO] });
      for (let i = 0; i < 5; i++) batch = (await ask({ session, ack: batch, wait: 0, commands: [ping(i)] })).batch;
    }
  });

  it('that nobody knows is 410', async () => {
    for (const session of ['', 'x', 'f'.repeat(32), 'F'.repeat(32), 'f'.repeat(64)]) await gone(session);
  });

  it('ends with bye, then 401, when its login ends', async () => {
    const bob = await stack.person('bob');
    const poll = await open({}, bob.token);
    const waiting = poll.call({ wait: 30 });
    await pause(100);
    const started = performance.now();
    await bob.post('/api/logout');
    const last = await waiting;
    assert.deepEqual(last.events.map((event: any) => [event.type, event.reason]), [['bye', 'revoked']]);
    assert.ok(performance.now() - started < 2000);
    assert.deepEqual(await poll.call({}), last); // until it is acknowledged
    for (let i = 0; i < 2; i++) {
      const answer = await post({ session: poll.session, ack: last.batch, wait: 0 }, bob.token);
      assert.deepEqual([answer.status, answer.body.type], [401, 'urn:parley:revoked']);
    }
  });

  it('lives for 60 s without a request', { timeout: 90_000 }, async () => {
    const poll = await open();
    const other = await open();
    await pause(50_000);
    await other.call({});
    await pause(12_000);
    await gone(poll.session);
    await other.call({});
  });

  it('never shows in a log', async () => {
    const poll = await open();
    assert.ok(!stack.daemon('relay-a').tail(1e7).includes(poll.session));
  });
});
