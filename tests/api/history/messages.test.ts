// SPDX-License-Identifier: Apache-2.0
// POST /api/messages and POST /api/read.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus, type Answer, type Api } from '../../lib/http.ts';
import { useStack, type Person } from '../../lib/stack.ts';

const stack = useStack();
const post = (api: Api, conversation: string, more: object = {}): Promise<Answer> =>
  api.post('/api/messages', { ref: crypto.randomUUID(), conversation, body: 'hello', ...more });

async function pair(): Promise<[Person, Person, string]> {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  return [ada, bob, await stack.direct(ada, bob)];
}

test('POST /api/messages: a message', async () => {
  const [ada, bob, d] = await pair();
  const ref = crypto.randomUUID();
  const { message } = expectStatus(await post(ada, d, { ref, body: ' Grüße 👋\n', mentions: [bob.id, '4711'] }), 201);
  assert.deepEqual({ ...message, id: '', time: '' }, { conversation: d, seq: 1, mod: 4, id: '', ref, sender: ada.id, time: '', kind: 'text',
    body: ' Grüße 👋\n', mentions: [bob.id] });
  assert.match(message.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const reply = expectStatus(await post(bob, d, { reply_to: 1, thread: 1, attachments: [] }), 201).message;
  assert.deepEqual([reply.seq, reply.reply_to, reply.thread], [2, 1, 1]);
});

test('POST /api/messages: one ref is one message, however often and at once', async () => {
  const [ada, bob, d] = await pair();
  const ref = crypto.randomUUID();
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => post(ada, d, { ref, body: `try ${i}` })));
  assert.equal(new Set(answers.map((a) => JSON.stringify(expectStatus(a, 201)))).size, 1);
  const { message } = expectStatus(await post(ada, d, { ref, body: 'again' }), 201);
  assert.deepEqual(message, answers[0]!.body.message);
  assert.equal(expectStatus(await post(bob, d, { ref: ref.toUpperCase() }), 201).message.seq, 2, 'another sender may have the same ref');
});

test('POST /api/messages: a repeat is answered also when one has left since', async () => {
  const [ada, bob] = await pair();
  const g = await stack.group(ada, [bob]);
  const ref = crypto.randomUUID();
  const sent = expectStatus(await post(bob, g, { ref }), 201).message;
  expectStatus(await bob.delete(`/api/groups/${g}/members/${bob.id}`), 204);
  assert.equal(expectStatus(await post(bob, g, { ref }), 201).message.id, sent.id);
  expectProblem(await post(bob, g), 403, 'not_a_member');
});

test('POST /api/messages: who is not in it, or where nothing is, gets one answer', async () => {
  const [, , d] = await pair();
  const eve = await stack.person('eve');
  expectProblem(await post(eve, d), 403, 'not_a_member');
  expectProblem(await post(eve, '4711'), 403, 'not_a_member');
});

test('POST /api/messages: texts of 1 to 16,000 characters, not blank', async () => {
  const [ada, , d] = await pair();
  for (const body of ['x', '€'.repeat(16000), '👍'.repeat(16000), ' x ']) expectStatus(await post(ada, d, { body }), 201);
  for (const body of ['', ' ', '\n\t ', '\u200b', '\u00a0\u2003', 'x'.repeat(16001), '👍'.repeat(16001), 7, null, undefined, ['x'], { x: 1 }]) {
    expectProblem(await post(ada, d, { body }), 400, 'invalid');
  }
});

test('POST /api/messages: bytes that are no text are refused', async () => {
  const [ada, , d] = await pair();
  const raw = (body: string | Uint8Array<ArrayBuffer>): Promise<Answer> => ada.post('/api/messages', undefined, { raw: body });
  const around = (text: string): string => `{"ref":"${crypto.randomUUID()}","conversation":"${d}","body":"${text}"}`;
  for (const text of ['\\u0000', '\\ud800', '\\udc00 x', 'a\nb', '\\x']) expectProblem(await raw(around(text)), 400, 'malformed');
  const bytes = new TextEncoder().encode(around('ab'));
  for (const bad of [0xff, 0xc0, 0x80, 0x00]) {
    const broken = bytes.slice();
    broken[broken.length - 3] = bad;
    expectProblem(await raw(broken), 400, 'malformed');
  }
  for (const text of ['', '{', '[]x', '{"a":1,"a":2}', `${'['.repeat(40)}${']'.repeat(40)}`, '\ufeff{}']) expectProblem(await raw(text), 400, 'malformed');
  expectProblem(await raw('[]'), 400, 'invalid');
  expectProblem(await raw(around('x'.repeat(300_000))), 413, 'too_large');
  expectProblem(await ada.post('/api/messages', undefined, { raw: around('x'), headers: { 'content-type': 'text/plain' } }), 415, 'unsupported_type');
});

test('POST /api/messages: other members that are wrong', async () => {
  const [ada, bob, d] = await pair();
  for (const more of [{ ref: undefined }, { ref: 'x' }, { ref: 7 }, { conversation: undefined }, { conversation: 'x' }, { conversation: 7 }, { reply_to: 0 },
    { reply_to: '1' }, { reply_to: 1.5 }, { reply_to: 1e300 }, { thread: -1 }, { mentions: 'x' }, { mentions: [7] }, { mentions: Array.from({ length: 101 }, () => bob.id) },
    { attachments: ['x'] }]) {
    expectProblem(await post(ada, d, more), 400, 'invalid');
  }
  expectProblem(await post(ada, d, { reply_to: 4711 }), 404, 'no_such_message');
  expectProblem(await post(ada, d, { thread: 4711 }), 404, 'no_such_message');
  expectProblem(await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation: d, body: 'x' }, { token: null }), 401, 'unauthenticated');
  expectStatus(await post(ada, d, { reply_to: null, thread: null, mentions: null, unknown: { member: true } }), 201);
});

test('POST /api/read: forward only, clamped', async () => {
  const [ada, bob, d] = await pair();
  for (let n = 0; n < 3; n++) expectStatus(await post(ada, d), 201);
  const marker = async (): Promise<[number, number]> => {
    const { read_seq, received_seq } = expectStatus(await bob.get(`/api/conversations/${d}`), 200).conversation;
    return [read_seq, received_seq];
  };
  for (const [seq, becomes] of [[0, 0], [2, 2], [1, 2], [4711, 3], [3, 3]]) {
    expectStatus(await bob.post('/api/read', { conversation: d, seq }), 204);
    assert.deepEqual(await marker(), [becomes, becomes]);
  }
  const eve = await stack.person('eve');
  expectProblem(await eve.post('/api/read', { conversation: d, seq: 1 }), 404, 'not_found');
  for (const body of [{ conversation: d }, { seq: 1 }, { conversation: d, seq: '1' }, { conversation: d, seq: -1 }, { conversation: d, seq: 1.5 }]) {
    expectProblem(await bob.post('/api/read', body), 400, 'invalid');
  }
  expectProblem(await bob.post('/api/read', { conversation: d, seq: 1 }, { token: null }), 401, 'unauthenticated');
});
