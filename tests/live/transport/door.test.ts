// SPDX-License-Identifier: Apache-2.0
//
// The relay's door: which paths and methods there are, who may upgrade, and that refusals are problem documents in the
// order of the contract: 404, 405, 413, cross-site 403, 401, then 415 and 400.

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { useStack, type Person } from '../../lib/stack.ts';
import { http, RawSocket, ready, UPGRADE } from './raw.ts';

const stack = useStack({ relays: ['a'] });
const path = (): string => stack.socket('relay-a');
const FOREIGN = { origin: 'http://elsewhere.test' };

let ada: Person;
let bearer: Record<string, string>;
let cookie: Record<string, string>;
beforeEach(async () => {
  ada ??= await stack.person('ada');
  bearer = { authorization: `Bearer ${ada.token}` };
  cookie = { cookie: `other=1; parley_session=${ada.token}` };
});

describe('a WebSocket upgrade', () => {
  it('is accepted at /live/ws and at /live/NAME/ws, with our subprotocol', async () => {
    for (const target of ['/live/ws', '/live/a/ws', '/live/ws?x=1']) {
      const raw = await RawSocket.open(path(), {}, target);
      assert.equal(raw.status, 101, target);
      assert.match(raw.head, /sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i);
      assert.match(raw.head, /sec-websocket-protocol: parley\.v1/i);
      assert.doesNotMatch(raw.head, /sec-websocket-extensions/i);
      raw.end();
    }
  });

  it('compresses nothing, whatever is offered', async () => {
    const raw = await RawSocket.open(path(), { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' });
    assert.equal(raw.status, 101);
    assert.doesNotMatch(raw.head, /extensions/i);
    raw.end();
  });

  it('takes the first subprotocol that it knows', async () => {
    const raw = await RawSocket.open(path(), { 'Sec-WebSocket-Protocol': 'parley.v9, parley.v1' });
    assert.match(raw.head, /sec-websocket-protocol: parley\.v1\r?$/im);
    raw.end();
  });

  it('is not refused for a bad credential: hello says it', async () => {
    for (const headers of [{ Authorization: 'Bearer nonsense' }, { Cookie: 'parley_session=nonsense' }]) {
      const raw = await RawSocket.open(path(), headers);
      assert.equal(raw.status, 101);
      raw.say({ type: 'hello' });
      assert.equal(await raw.closed(), 4001);
    }
  });

  it('carries the credential in a cookie, a header or in hello', async () => {
    for (const headers of [{ Cookie: cookie.cookie! }, { Authorization: bearer.authorization! }]) {
      const raw = await RawSocket.open(path(), headers);
      raw.say({ type: 'hello' });
      assert.equal((await raw.event('welcome')).account.id, ada.id);
      raw.end();
    }
    (await ready(path(), ada.token)).end();
  });

  const refusals: [what: string, headers: Record<string, string | undefined>, target: string, status: number, name: string][] = [
    ['another relay', {}, '/live/b/ws', 404, 'not_found'],
    ['another path', {}, '/live/ws/x', 404, 'not_found'],
    ['a path that only begins alike', {}, '/live/aws', 404, 'not_found'],
    ['at /live/poll', {}, '/live/poll', 405, 'method_not_allowed'],
    ['a foreign origin', { Origin: 'http://elsewhere.test' }, '/live/ws', 403, 'cross_site'],
    ['an origin of another port', { Origin: 'http://parley.test:81' }, '/live/ws', 403, 'cross_site'],
    ['the origin null', { Origin: 'null' }, '/live/ws', 403, 'cross_site'],
    ['from another site', { 'Sec-Fetch-Site': 'cross-site' }, '/live/ws', 403, 'cross_site'],
    ['a foreign origin at another path', { Origin: 'http://elsewhere.test' }, '/live/x/ws', 404, 'not_found'],
    ['only unknown subprotocols', { 'Sec-WebSocket-Protocol': 'parley.v9' }, '/live/ws', 400, 'invalid'],
    ['another version', { 'Sec-WebSocket-Version': '8' }, '/live/ws', 400, 'invalid'],
    ['no key', { 'Sec-WebSocket-Key': undefined }, '/live/ws', 400, 'invalid'],
    ['a short key', { 'Sec-WebSocket-Key': 'abc' }, '/live/ws', 400, 'invalid'],
    ['without Connection', { Connection: 'keep-alive' }, '/live/ws', 400, 'invalid'],
    ['to HTTP/2', { Upgrade: 'h2c' }, '/live/ws', 400, 'invalid'],
    ['to nothing', { Upgrade: undefined, Connection: 'close' }, '/live/ws', 400, 'invalid'],
  ];
  for (const [what, headers, target, status, name] of refusals) {
    it(`is refused with ${status}: ${what}`, async () => {
      const raw = await RawSocket.open(path(), headers, target);
      assert.equal(raw.status, status);
      assert.match(raw.head, /content-type: application\/problem\+json/i);
      assert.equal((await raw.rest()).type, `urn:parley:${name}`);
      await raw.gone();
    });
  }

  it('to something unknown does no harm', async () => {
    const raw = await RawSocket.open(path(), { Upgrade: 'something' });
    assert.ok(raw.status === 400 || raw.status === 403);
    await raw.gone();
    (await ready(path(), ada.token)).end();
  });

  it('of our own origin passes, and behind the web server too', async () => {
    const raw = await RawSocket.open(path(), { Origin: 'http://parley.test' });
    assert.equal(raw.status, 101);
    raw.end();
    const foreign = await fetch(`${stack.url}/live/ws`, { headers: { ...FOREIGN } });
    assert.equal(foreign.status, 403);
  });
});

describe('a poll', () => {
  const opening = { session: null, commands: [{ type: 'hello' }] };

  it('is judged in the order of the contract', async () => {
    const huge = 'x'.repeat(262_145);
    const text = { 'content-type': 'text/plain' };
    const steps: [method: string, target: string, body: unknown, headers: Record<string, string>, status: number, name: string][] = [
      ['POST', '/live/x/poll', huge, { ...FOREIGN, ...text }, 404, 'not_found'],
      ['PUT', '/live/poll', huge, { ...FOREIGN, ...text }, 405, 'method_not_allowed'],
      ['POST', '/live/poll', huge, { ...FOREIGN, ...cookie, ...text }, 413, 'too_large'],
      ['POST', '/live/poll', 'no', { ...FOREIGN, ...cookie, ...text }, 403, 'cross_site'],
      ['POST', '/live/poll', 'no', { ...FOREIGN, ...text }, 401, 'unauthenticated'],
      ['POST', '/live/poll', 'no', { ...FOREIGN, ...bearer, ...text }, 415, 'unsupported_type'],
      ['POST', '/live/poll', 'no', { ...FOREIGN, ...bearer }, 400, 'malformed'],
    ];
    for (const [method, target, body, headers, status, name] of steps) {
      const answer = await http(path(), method, target, body, headers);
      assert.deepEqual([answer.status, answer.body.type, answer.headers['content-type']], [status, `urn:parley:${name}`, 'application/problem+json']);
      if (status === 405) assert.equal(answer.headers.allow, 'POST');
      assert.equal(answer.headers['cache-control'], 'no-store');
    }
  });

  it('refuses every other method with Allow', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const answer = await http(path(), method, '/live/poll', undefined, bearer);
      assert.deepEqual([answer.status, answer.headers.allow], [405, 'POST'], method);
    }
    const upgrade = await http(path(), 'POST', '/live/ws', {}, bearer);
    assert.deepEqual([upgrade.status, upgrade.headers.allow], [405, 'GET']);
  });

  it('with a cookie takes our own origin, and any with a bearer token', async () => {
    const own = { origin: 'http://parley.test', 'sec-fetch-site': 'same-origin' };
    assert.equal((await http(path(), 'POST', '/live/poll', opening, { ...cookie, ...own })).status, 200);
    assert.equal((await http(path(), 'POST', '/live/poll', opening, { ...bearer, ...FOREIGN })).status, 200);
    assert.equal((await http(path(), 'POST', '/live/poll', opening, { ...cookie, 'sec-fetch-site': 'cross-site' })).status, 403);
  });

  it('without a good credential is 401, told so by hello where it has the right form', async () => {
    for (const authorization of ['Bearer x', `Bearer ${'A'.repeat(43)}`, 'Basic abc']) {
      const answer = await http(path(), 'POST', '/live/poll', opening, { authorization });
      assert.deepEqual([answer.status, answer.body.type], [401, 'urn:parley:unauthenticated'], authorization);
    }
  });

  it('needs a length', async () => {
    const answer = await http(path(), 'POST', '/live/poll', undefined, { ...bearer, 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
    assert.equal(answer.status, 400);
  });

  it('may have parameters in its content type', async () => {
    const answer = await http(path(), 'POST', '/live/poll', opening, { ...bearer, 'content-type': 'Application/JSON; charset=utf-8' });
    assert.equal(answer.status, 200);
  });

  const bodies: [what: string, body: string][] = [
    ['nothing', ''], ['no object', '[]'], ['a number for a session', '{"session":7}'], ['no commands', '{"session":null}'],
    ['another command than hello', '{"session":null,"commands":[{"type":"ping"}]}'],
    ['commands that are no list', '{"session":null,"commands":{"type":"hello"}}'],
    ['commands that are no objects', '{"session":null,"commands":[{"type":"hello"},7]}'],
    ['a bad hello', '{"session":null,"commands":[{"type":"hello","account_mod":"x"}]}'],
    ['an ack at the opening', '{"session":null,"ack":1,"commands":[{"type":"hello"}]}'],
    ['a negative ack', '{"session":null,"ack":-1,"commands":[{"type":"hello"}]}'],
    ['a wait that is no number', '{"session":null,"wait":"1","commands":[{"type":"hello"}]}'],
    ['a first of 0', '{"session":null,"first":0,"commands":[{"type":"hello"}]}'],
    ['a first of 2 at the opening', '{"session":null,"first":2,"commands":[{"type":"hello"}]}'],
    ['101 commands', JSON.stringify({ session: null, commands: [{ type: 'hello' }, ...Array.from({ length: 100 }, () => ({ type: 'ping' }))] })],
    ['invalid UTF-8', '{"session":"\ufffd"'], ['a lone surrogate', '{"session":null,"x":"\\udfff","commands":[{"type":"hello"}]}'],
    ['too deep', `{"session":null,"commands":[{"type":"hello","x":${'['.repeat(15)}${']'.repeat(15)}}]}`],
  ];
  for (const [what, body] of bodies) {
    it(`refuses with 400: ${what}`, async () => {
      const answer = await http(path(), 'POST', '/live/poll', body, bearer);
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      assert.match(answer.body.type, /^urn:parley:(malformed|invalid)$/);
    });
  }

  it('may follow another on the same connection', async () => {
    const raw = await RawSocket.open(path(), { ...UPGRADE, Upgrade: undefined, Connection: 'keep-alive', Authorization: bearer.authorization! }, '/nowhere');
    assert.equal(raw.status, 404);
    raw.end();
  });
});
