// SPDX-License-Identifier: Apache-2.0
// What is not FastCGI, or a request that never ends, on a program's own socket: each is answered below 500 or closed, no worker
// dies of it, and none is kept from the others by it for longer than 10 s.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { expectStatus } from '../../lib/http.ts';
import { FLAVOUR, useStack } from '../../lib/stack.ts';
import { until } from '../../lib/wait.ts';
import { begin, give, pairs, record, request, TYPE } from './records.ts';

const stack = useStack({ relays: ['a'] });
const path = (): string => stack.socket('login');
const GET = { REQUEST_METHOD: 'GET', REQUEST_URI: '/api/health', SERVER_PROTOCOL: 'HTTP/1.1', REMOTE_ADDR: '127.0.0.1' };
const POST = { ...GET, REQUEST_METHOD: 'POST', REQUEST_URI: '/api/login', CONTENT_TYPE: 'application/json' };
const headed = (variables: Record<string, string | Buffer>): Buffer => Buffer.concat([begin(), record(TYPE.params, pairs(variables)), record(TYPE.params)]);

const workers = (): string => {
  const { pid } = stack.daemon('login');
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
};
const served = async (): Promise<void> => void expectStatus(await stack.api().get('/api/health'), 200);

/** Whole requests, and what they are answered by. */
const WHOLE: [what: string, bytes: Buffer, status: number][] = [
  ['a good one', request(GET), 200],
  ['without variables', request({}), 404],
  ['without a target', request({ REQUEST_METHOD: 'GET' }), 404],
  ['without a method', request({ REQUEST_URI: '/api/health' }), 405],
  ['a method of bytes', request({ ...GET, REQUEST_METHOD: Buffer.from([0xff, 1, 10]) }), 405],
  ['a target of bytes', request({ ...GET, REQUEST_URI: Buffer.from([47, 0xff, 13, 10]) }), 404],
  ['a target with NUL', request({ ...GET, REQUEST_URI: '/api/health\0/x' }), 200],
  ['a target of 60,000 bytes', request({ ...GET, REQUEST_URI: `/${'x'.repeat(60_000)}` }), 404],
  ['1,000 variables', request({ ...GET, ...Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`X${i}`, 'y'])) }), 200],
  ['an address that is none', request({ ...GET, REMOTE_ADDR: 'unix:', HTTP_X_FORWARDED_FOR: ',,\u00ff' }), 200],
  ['a length that is no number', request({ ...POST, CONTENT_LENGTH: 'x' }, '{}'), 400],
  ['a negative length', request({ ...POST, CONTENT_LENGTH: '-1' }, '{}'), 400],
  ['a length above the bound', request({ ...POST, CONTENT_LENGTH: '262145' }, '{}'), 413],
  ['a length of 2^63', request({ ...POST, CONTENT_LENGTH: '9223372036854775808' }, '{}'), 400],
  ['a body longer than its length', request({ ...POST, CONTENT_LENGTH: '2' }, `{}${'x'.repeat(50_000)}`), 400],
  ['a body shorter than its length', request({ ...POST, CONTENT_LENGTH: '5' }, '{}'), 400],
  ['a body with padding', Buffer.concat([headed({ ...POST, CONTENT_LENGTH: '2' }), record(TYPE.stdin, '{}', { padding: 255 }), record(TYPE.stdin)]), 400],
  ['variables byte by byte', Buffer.concat([begin(), ...[...pairs(GET)].map((byte) => record(TYPE.params, Buffer.from([byte]), { padding: 7 })), record(TYPE.params), record(TYPE.stdin)]), 200],
  ['a header in a variable', request({ ...GET, HTTP_ORIGIN: 'x\r\nSet-Cookie: a=b' }), 200],
];

describe('a whole request', () => {
  for (const [what, bytes, status] of WHOLE) {
    test(`${what} is answered by ${status}`, async () => {
      const given = await give(path(), bytes).answer;
      assert.equal(given.status, status, given.text);
      assert.doesNotMatch(given.text, /a=b/);
    });
  }
});

/** What ends before it is a request, or is none. */
const BROKEN: [what: string, bytes: Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['half a head', record(TYPE.begin).subarray(0, 3)],
  ['HTTP', Buffer.from('GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['zeros', Buffer.alloc(4096)],
  ['bytes of 255', Buffer.alloc(4096, 255)],
  ['another version', record(TYPE.begin, Buffer.alloc(8), { version: 9 })],
  ['an unknown type', record(77, 'x', { id: 0 })],
  ['another role', Buffer.concat([begin(2), record(TYPE.params), record(TYPE.stdin)])],
  ['the role of nobody', Buffer.concat([begin(9), record(TYPE.params), record(TYPE.stdin)])],
  ['a beginning of no size', record(TYPE.begin)],
  ['variables before the beginning', record(TYPE.params, pairs(GET))],
  ['a question for values', record(TYPE.values, pairs({ FCGI_MAX_CONNS: '' }), { id: 0 })],
  ['a name longer than all', Buffer.concat([begin(), record(TYPE.params, Buffer.from([255, 255, 255, 255, 255, 255, 255, 255, 65])), record(TYPE.params), record(TYPE.stdin)])],
  ['a name of 2^31 - 1 bytes, without its end', Buffer.concat([begin(), record(TYPE.params, Buffer.from([255, 255, 255, 255, 1, 65]))])],
  ['a record longer than what comes', Buffer.concat([begin(), record(TYPE.params, 'x', { length: 65535 })])],
  ['variables without their end', Buffer.concat([begin(), record(TYPE.params, pairs(GET))])],
  ['an abort before the variables end', Buffer.concat([begin(), record(TYPE.abort)])],
  ['an abort in the body', Buffer.concat([headed({ ...POST, CONTENT_LENGTH: '9' }), record(TYPE.stdin, '{'), record(TYPE.abort)])],
  ['a body without its end', Buffer.concat([headed({ ...POST, CONTENT_LENGTH: '9' }), record(TYPE.stdin, '{')])],
  ['two requests at once', Buffer.concat([begin(), record(TYPE.begin, Buffer.from([0, 1, 1, 0, 0, 0, 0, 0]), { id: 2 }), record(TYPE.params, pairs(GET), { id: 2 })])],
];

/** Over a record of no request (id 0) libfcgi itself forgets 48 bytes. */
const leaks = (bytes: Buffer): boolean => FLAVOUR === 'sanitize' && bytes.length >= 8 && bytes[0] === 1 && bytes.readUInt16BE(2) === 0;

describe('what is no request', () => {
  for (const [what, bytes] of BROKEN.filter(([, b]) => !leaks(b))) {
    test(`${what}, and its end: no worker dies, and the next is served`, async () => {
      const before = workers();
      const { socket, answer } = give(path(), bytes);
      socket.end();
      assert.ok((await answer).status < 500);
      await served();
      assert.equal(workers(), before);
    });
  }

  test('more of them than workers, all left open: the others are served within 10 s', { timeout: 60_000 }, async () => {
    const before = workers();
    const left = ['half a head', 'variables without their end', 'a body without its end'];
    const open = left.map((name) => give(path(), BROKEN.find(([what]) => what === name)![1]));
    await until('served', async () => (await stack.api().get('/api/health')).status === 200, 10_000);
    for (const { socket } of open) socket.destroy();
    assert.equal(workers(), before);
  });
});

test('clients that do not read a large answer keep no worker', { timeout: 60_000 }, async () => {
  const ada = await stack.person('ada');
  const conversation = await stack.direct(ada, ada);
  await Promise.all(Array.from({ length: 100 }, async () => expectStatus(await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation, body: '€'.repeat(16_000) }), 201)));
  const slow = Array.from({ length: 5 }, () => {
    const socket = connect(stack.port, '127.0.0.1').pause();
    socket.write(`GET /api/history/${conversation}?limit=200 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ada.token}\r\n\r\n`);
    return socket;
  });
  await until('all are asked and answered', () => (stack.daemon('history').tail(1e6).match(/GET \/api\/history\/\d+ 200/g)?.length ?? 0) === slow.length);
  expectStatus(await ada.get(`/api/history/${conversation}?limit=1`), 200);
  for (const socket of slow) {
    let bytes = 0;
    for await (const data of socket) {
      bytes += (data as Buffer).length;
      if (bytes > 4_800_000) break;
    }
    assert.ok(bytes > 4_800_000, `${bytes} bytes came`);
  }
});
