// SPDX-License-Identifier: Apache-2.0
// GET /api/history/{conversation}: pages by seq, in every direction.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { useStack, type Person } from '../../lib/stack.ts';

const stack = useStack();
let ada: Person, bob: Person, eve: Person, d: string;

test('a conversation of ten messages', async () => {
  [ada, bob, eve] = [await stack.person('ada'), await stack.person('bob'), await stack.person('eve')];
  d = await stack.direct(ada, bob);
  for (let n = 1; n <= 10; n++) expectStatus(await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation: d, body: `${n}` }), 201);
});

/** What a page holds, as `from-to` and whether there is more on either side. */
async function page(query: string): Promise<string> {
  const body = expectStatus(await bob.get(`/api/history/${d}${query}`), 200);
  const seqs = body.messages.map((m: any) => m.seq);
  assert.deepEqual(seqs, seqs.map((_: number, i: number) => seqs[0] + i), 'oldest first, without a gap');
  assert.deepEqual(body.messages.map((m: any) => m.body), seqs.map(String));
  assert.deepEqual([body.first_seq, body.last_seq], [1, 10]);
  return `${body.more_before ? '…' : ''}${seqs.length ? `${seqs[0]}-${seqs.at(-1)}` : 'none'}${body.more_after ? '…' : ''}`;
}

const PAGES: [query: string, holds: string][] = [
  ['', '1-10'], ['?limit=3', '…8-10'], ['?limit=10', '1-10'], ['?limit=99999', '1-10'],
  ['?before=8&limit=3', '…5-7…'], ['?before=4&limit=3', '1-3…'], ['?before=3&limit=3', '1-2…'], ['?before=1', 'none…'], ['?before=0', 'none…'],
  ['?before=11&limit=2', '…9-10'], ['?before=4711&limit=2', '…9-10'],
  ['?after=3&limit=3', '…4-6…'], ['?after=7&limit=3', '…8-10'], ['?after=0&limit=2', '1-2…'], ['?after=10', '…none'], ['?after=4711', '…none'],
  ['?around=5&limit=4', '…3-6…'], ['?around=5&limit=1', '…5-5…'], ['?around=0&limit=4', '1-4…'], ['?around=1&limit=4', '1-4…'],
  ['?around=10&limit=4', '…7-10'], ['?around=4711&limit=4', '…7-10'],
];
for (const [query, holds] of PAGES) {
  test(`GET /api/history/{conversation}${query} is ${holds}`, async () => assert.equal(await page(query), holds));
}

test('an empty conversation is an empty page', async () => {
  const empty = await stack.direct(ada, ada);
  assert.deepEqual(expectStatus(await ada.get(`/api/history/${empty}`), 200),
    { messages: [], mod: 2, first_seq: 1, last_seq: 0, more_before: false, more_after: false });
});

test('below first_seq there is nothing', async () => {
  const other = await stack.direct(ada, eve);
  for (let n = 1; n <= 4; n++) expectStatus(await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation: other, body: `${n}` }), 201);
  await stack.db.query('UPDATE parley.conversation SET first_seq = 3 WHERE id = $1', [other]);
  const all = expectStatus(await eve.get(`/api/history/${other}`), 200);
  assert.deepEqual([all.messages.map((m: any) => m.seq), all.more_before, all.first_seq], [[3, 4], false, 3]);
  assert.deepEqual(expectStatus(await eve.get(`/api/history/${other}?after=0&limit=1`), 200).messages.map((m: any) => m.seq), [3]);
  assert.deepEqual(expectStatus(await eve.get(`/api/history/${other}?before=3`), 200).messages, []);
});

test('the ref is shown to its sender only', async () => {
  const of = async (api: Person): Promise<any> => expectStatus(await api.get(`/api/history/${d}?limit=1`), 200).messages[0];
  assert.match((await of(ada)).ref, /^[0-9a-f-]{36}$/);
  assert.equal((await of(bob)).ref, undefined);
});

test('a page is at most 200, 50 without a limit', async () => {
  const long = await stack.direct(bob, bob);
  await stack.db.query(
    `SELECT count(*) FROM api.live_post(array_fill('send'::text, '{250}'), array_fill($1::bigint, '{250}'), array_fill($2::bigint, '{250}'),
       ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 250)), array_fill('x'::text, '{250}'), array_fill(NULL::bigint, '{250}'),
       array_fill(NULL::bigint, '{250}'), array_fill(NULL::bigint, '{250}'), array_fill(NULL::bigint, '{250}'), array_fill(NULL::text, '{250}'))`,
    [bob.id, long]);
  assert.equal(expectStatus(await bob.get(`/api/history/${long}`), 200).messages.length, 50);
  assert.equal(expectStatus(await bob.get(`/api/history/${long}?limit=1000`), 200).messages.length, 200);
});

test('refusals', async () => {
  expectProblem(await stack.api().get(`/api/history/${d}`), 401, 'unauthenticated');
  expectProblem(await eve.get(`/api/history/${d}`), 404, 'not_found');
  expectProblem(await eve.get('/api/history/4711'), 404, 'not_found');
  for (const query of ['?before=1&after=1', '?before=-1', '?after=x', '?around=1.5', '?limit=0', '?limit=-5', '?before=99999999999999999999']) {
    expectProblem(await ada.get(`/api/history/${d}${query}`), 400, 'invalid');
  }
  const open = await stack.group(ada, [], { visibility: 'public' });
  expectProblem(await eve.get(`/api/history/${open}`), 403, 'not_a_member');
  expectProblem(await ada.post(`/api/history/${d}`), 405, 'method_not_allowed');
});
