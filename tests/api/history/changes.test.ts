// SPDX-License-Identifier: Apache-2.0
// GET /api/changes/{conversation}: everything after a mod, one cut, in pages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus, type Api } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';

const stack = useStack();
const changes = async (api: Api, id: string, query: string): Promise<any> => expectStatus(await api.get(`/api/changes/${id}?${query}`), 200);
const say = async (api: Api, conversation: string, body: string): Promise<any> =>
  expectStatus(await api.post('/api/messages', { ref: crypto.randomUUID(), conversation, body }), 201).message;

test('all kinds of rows, each in its latest state', async () => {
  const [ada, bob, cyd] = [await stack.person('ada'), await stack.person('bob'), await stack.person('cyd')];
  const g = await stack.group(ada, [bob, cyd]);
  const { mod } = expectStatus(await ada.get(`/api/conversations/${g}`), 200).conversation;
  const sent = await say(ada, g, 'one');
  expectStatus(await ada.patch(`/api/groups/${g}`, { topic: 'about' }), 200);
  expectStatus(await ada.patch(`/api/groups/${g}/members/${bob.id}`, { role: 'admin' }), 204);
  expectStatus(await ada.delete(`/api/groups/${g}/members/${cyd.id}`), 204);

  const all = await changes(bob, g, `since=${mod}`);
  assert.equal(all.more, false);
  assert.equal(all.first_seq, 1);
  assert.equal(all.epoch, expectStatus(await bob.get('/api/conversations'), 200).epoch);
  assert.deepEqual([all.conversation.topic, all.conversation.members_count, all.conversation.mod], ['about', 2, undefined]);
  assert.deepEqual(all.messages.map((m: any) => m.body ?? m.action.type), ['one', 'removed']);
  assert.equal(all.messages[0].ref, undefined);
  assert.deepEqual(all.members.map((m: any) => [m.account, m.role]), [[bob.id, 'admin'], [cyd.id, null]]);
  assert.equal(all.mod, expectStatus(await ada.get(`/api/conversations/${g}`), 200).conversation.mod);
  assert.equal((await changes(ada, g, `since=${mod}`)).messages[0].ref, sent.ref);
  const mods = [...all.messages, ...all.members].map((m: any) => m.mod);
  assert.equal(new Set(mods).size, mods.length);

  const none = await changes(bob, g, `since=${all.mod}`);
  assert.deepEqual([none.messages, none.members, none.conversation, none.mod, none.more], [[], [], undefined, all.mod, false]);
});

test('pages of any size come to the same', async () => {
  const [ada, bob, cyd] = [await stack.person('ada'), await stack.person('bob'), await stack.person('cyd')];
  const g = await stack.group(ada, [bob]);
  for (let n = 0; n < 5; n++) await say(n % 2 ? bob : ada, g, `${n}`);
  expectStatus(await ada.patch(`/api/groups/${g}`, { title: 'Renamed' }), 200);
  expectStatus(await ada.post(`/api/groups/${g}/members`, { accounts: [cyd.id] }), 204);
  const whole = await changes(cyd, g, 'since=0');
  const rows = (body: any): string[] => [...body.messages.map((m: any) => `m${m.mod}`), ...body.members.map((m: any) => `u${m.mod}`),
    ...(body.conversation ? [`c${body.conversation.changed_mod}`] : [])];
  for (const limit of [1, 2, 3, 7]) {
    const read: string[] = [];
    let since = 0;
    for (let more = true; more; ) {
      const page = await changes(cyd, g, `since=${since}&limit=${limit}`);
      assert.ok(page.mod > since);
      assert.ok(rows(page).length <= limit);
      read.push(...rows(page));
      since = page.mod;
      more = page.more;
    }
    assert.deepEqual(read.sort(), rows(whole).sort(), `limit ${limit}`);
    assert.equal(since, whole.mod);
  }
});

test('a deleted message is a row without its body', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const d = await stack.direct(ada, bob);
  const sent = await say(ada, d, 'secret');
  await stack.db.query(`SELECT * FROM api.live_post('{delete}', ARRAY[$1::bigint], ARRAY[$2::bigint], '{NULL}', '{NULL}', '{1}', '{NULL}', '{NULL}', '{NULL}', '{NULL}')`, [ada.id, d]);
  const { messages, mod } = await changes(bob, d, `since=${sent.mod}`);
  assert.deepEqual(messages, [{ conversation: d, seq: 1, mod, id: sent.id, sender: ada.id, time: sent.time, kind: 'text', deleted: true }]);
});

test('refusals', async () => {
  const [ada, bob, eve] = [await stack.person('ada'), await stack.person('bob'), await stack.person('eve')];
  const d = await stack.direct(ada, bob);
  expectProblem(await ada.get(`/api/changes/${d}?since=4711`), 409, 'reset');
  for (const query of ['', '?since=-1', '?since=x', '?since=0&limit=0']) expectProblem(await ada.get(`/api/changes/${d}${query}`), 400, 'invalid');
  expectProblem(await eve.get(`/api/changes/${d}?since=0`), 404, 'not_found');
  expectProblem(await eve.get('/api/changes/4711?since=0'), 404, 'not_found');
  expectProblem(await stack.api().get(`/api/changes/${d}?since=0`), 401, 'unauthenticated');
});
