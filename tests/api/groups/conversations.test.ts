// SPDX-License-Identifier: Apache-2.0
// The list of conversations, one of them, and one's own settings in it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus, type Api } from '../../lib/http.ts';
import { useStack, type Person } from '../../lib/stack.ts';

const stack = useStack();

const list = async (api: Api, query = ''): Promise<any> => expectStatus(await api.get(`/api/conversations${query}`), 200);
const ids = (body: any): string[] => body.conversations.map((c: any) => c.id);
const say = async (api: Api, conversation: string, body = 'hello', more = {}): Promise<any> =>
  expectStatus(await api.post('/api/messages', { ref: crypto.randomUUID(), conversation, body, ...more }), 201).message;

async function three(): Promise<[Person, Person, string[]]> {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  return [ada, bob, [await stack.direct(ada, bob), await stack.group(ada, [bob]), await stack.group(ada, [bob])]];
}

test('GET /api/conversations: newest activity first', async () => {
  const [ada, bob, [d, g, h]] = await three();
  assert.deepEqual(ids(await list(ada)), [h, g, d]);
  await say(bob, d!);
  assert.deepEqual(ids(await list(ada)), [d, h, g]);
  const body = await list(bob);
  assert.equal(body.more, false);
  assert.match(body.epoch, /./);
  assert.equal(typeof body.account_mod, 'number');
});

test('GET /api/conversations: if there are more, all come by after, in the order of ids', async () => {
  const [ada, , made] = await three();
  const first = await list(ada, '?limit=2');
  assert.equal(first.more, true);
  assert.deepEqual(ids(first), [made[2], made[1]]);
  const read: string[] = [];
  let after = '0';
  for (let more = true; more; ) {
    const page = await list(ada, `?after=${after}&limit=1`);
    read.push(...ids(page));
    after = read.at(-1)!;
    more = page.more;
  }
  assert.deepEqual(read, made);
  assert.deepEqual(ids(await list(ada, '?limit=99999')).length, 3);
});

test('GET /api/conversations: what a row says', async () => {
  const [ada, bob, [d, g]] = await three();
  const sent = await say(bob, g!, 'hi', { mentions: [ada.id] });
  const row = (await list(ada)).conversations.find((c: any) => c.id === g);
  assert.deepEqual({ ...row, created: null, mod: null, changed_mod: null }, {
    id: g, kind: 'group', changed_mod: null, first_seq: 1, members_count: 2, created: null, title: 'A group', topic: null, avatar: null,
    visibility: 'private', retention_days: null, archived: false, created_by: ada.id, mod: null, last_seq: 1, read_seq: 0, unread: 1,
    mentions: 1, last_message: { conversation: g, seq: 1, mod: row.mod, id: sent.id, sender: bob.id, time: sent.time, kind: 'text',
      body: 'hi', mentions: [ada.id] },
    my_role: 'owner', visible_from: 1, received_seq: 0, notify: 'all', muted_until: null, favourite: false, draft: null,
  });
  const direct = (await list(ada)).conversations.find((c: any) => c.id === d);
  assert.equal(direct.kind, 'direct');
  assert.equal(direct.peer, bob.id);
  assert.equal(direct.last_message, null);
});

test('GET /api/conversations/{id}: one row; what is unknown or of others is 404', async () => {
  const [ada, , [d]] = await three();
  const eve = await stack.person('eve');
  assert.equal(expectStatus(await ada.get(`/api/conversations/${d}`), 200).conversation.id, d);
  expectProblem(await eve.get(`/api/conversations/${d}`), 404, 'not_found');
  expectProblem(await eve.get('/api/conversations/4711'), 404, 'not_found');
  const open = await stack.group(ada, [], { visibility: 'public' });
  expectProblem(await eve.get(`/api/conversations/${open}`), 403, 'not_a_member');
});

test('unread and mentions count what others said and is not read', async () => {
  const [ada, bob, [, g]] = await three();
  for (const n of [1, 2, 3]) await say(bob, g!, `${n}`, n === 2 ? { mentions: [ada.id] } : {});
  await say(ada, g!, 'mine');
  const counts = async (api: Api): Promise<any> => {
    const { unread, mentions, read_seq } = expectStatus(await api.get(`/api/conversations/${g}`), 200).conversation;
    return { unread, mentions, read_seq };
  };
  assert.deepEqual(await counts(ada), { unread: 3, mentions: 1, read_seq: 0 });
  assert.deepEqual(await counts(bob), { unread: 1, mentions: 0, read_seq: 0 });
  expectStatus(await ada.post('/api/read', { conversation: g, seq: 2 }), 204);
  assert.deepEqual(await counts(ada), { unread: 1, mentions: 0, read_seq: 2 });
});

test('PATCH /api/conversations/{id}/me: notify, muted_until, favourite, draft', async () => {
  const [ada, bob, [d]] = await three();
  const before = (await list(ada)).account_mod;
  const patch = async (body: object): Promise<any> => expectStatus(await ada.patch(`/api/conversations/${d}/me`, body), 200).conversation;
  let row = await patch({ notify: 'mentions', favourite: true, muted_until: '2030-01-02T03:04:05+01:00', draft: 'not sent yet' });
  assert.deepEqual([row.notify, row.favourite, row.muted_until, row.draft], ['mentions', true, '2030-01-02T02:04:05.000Z', 'not sent yet']);
  assert.equal((await list(ada)).account_mod, before + 2, 'settings and draft took an account_mod each');
  row = await patch({ notify: 'mentions' });
  assert.deepEqual([row.favourite, row.draft], [true, 'not sent yet'], 'what is not named stays');
  assert.equal((await list(ada)).account_mod, before + 2, 'nothing changed, nothing taken');
  row = await patch({ muted_until: null, draft: '', favourite: false });
  assert.deepEqual([row.notify, row.muted_until, row.draft, row.favourite], ['mentions', null, null, false]);
  assert.equal(expectStatus(await bob.get(`/api/conversations/${d}`), 200).conversation.notify, 'all', 'they are one member\'s');
});

test('PATCH /api/conversations/{id}/me: refusals', async () => {
  const [ada, , [d]] = await three();
  const eve = await stack.person('eve');
  for (const body of [{ notify: 'sometimes' }, { notify: 1 }, { favourite: 'yes' }, { muted_until: 'tomorrow' }, { muted_until: '2030-13-01T00:00:00Z' },
    { muted_until: 5 }, { draft: 7 }, { draft: 'x'.repeat(16001) }]) {
    expectProblem(await ada.patch(`/api/conversations/${d}/me`, body), 400, 'invalid');
  }
  expectProblem(await eve.patch(`/api/conversations/${d}/me`, { favourite: true }), 404, 'not_found');
  expectProblem(await ada.patch('/api/conversations/1/me', { favourite: true }), 404, 'not_found');
  expectProblem(await ada.patch(`/api/conversations/${d}/me`, {}, { token: null }), 401, 'unauthenticated');
});

test('the list: refusals', async () => {
  const ada = await stack.person('ada');
  expectProblem(await stack.api().get('/api/conversations'), 401, 'unauthenticated');
  for (const query of ['?limit=0', '?limit=x', '?after=-1', '?after=x']) {
    expectProblem(await ada.get(`/api/conversations${query}`), 400, 'invalid');
  }
  expectProblem(await ada.get('/api/conversations/x'), 404, 'not_found');
  const answer = await ada.delete('/api/conversations');
  expectProblem(answer, 405, 'method_not_allowed');
  assert.equal(answer.headers.get('allow'), 'GET, HEAD');
});
