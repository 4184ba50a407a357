// SPDX-License-Identifier: Apache-2.0
//
// The store by itself: whatever order and however often changes come, the state is the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeConversation, decodeEvent, DecodeError, type Event } from '../../www/client/protocol.ts';
import { Store, type StoreHost } from '../../www/client/store.ts';

const ME = '10';
const LIVE = { late: false, primary: true };
const row = (over: object = {}) => decodeConversation({
  id: '1', kind: 'group', title: 'T', changed_mod: 1, mod: 1, first_seq: 1, last_seq: 0, read_seq: 0, unread: 0, mentions: 0,
  last_message: null, members_count: 2, my_role: 'member', ...over,
});
const message = (seq: number, mod: number, over: object = {}): Event => decodeEvent({
  type: 'message', conversation: '1', seq, mod, id: String(100 + seq), sender: '11', time: `2026-01-01T00:00:${String(seq).padStart(2, '0')}.000Z`,
  kind: 'text', body: `m ${seq}`, ...over,
})!;

function scene(over: object = {}) {
  const calls: string[] = [];
  const note = (name: string) => () => void calls.push(name);
  const arrivals: number[] = [];
  const host: StoreHost = {
    save: note('save'), ownMessage: (ref) => calls.push(`own ${ref}`), arrival: (a) => arrivals.push(a.message.seq), needCounts: note('counts'),
    needChanges: note('changes'), accountChanged: note('account'), profileAt: (id, mod) => calls.push(`profile ${id} ${mod}`), draftChanged: note('draft'), watchChanged: note('watch'),
  };
  const store = new Store(ME, host);
  store.replace('e', 5, [row(over)]);
  const view = () => store.view('1').peek()!;
  const bodies = () => store.room('1')!.tail.snapshot().map((m) => (m.deleted ? null : m.body));
  return { store, calls, arrivals, view, bodies };
}

test('messages are sorted by seq and taken once', () => {
  const { store, view, bodies, arrivals } = scene();
  store.apply([message(1, 2), message(3, 4), message(2, 5, { edited: 'x' }), message(1, 2), message(3, 4)], LIVE);
  assert.deepEqual(bodies(), ['m 1', 'm 2', 'm 3']);
  assert.deepEqual(arrivals, [1, 3, 2]);
  assert.equal(view().unread, 3);
  assert.equal(store.cursors().get('1'), 5);
});

test('an older state never replaces a newer one', () => {
  const { store, bodies } = scene();
  store.apply([message(1, 7, { body: 'new' }), message(1, 2, { body: 'old' })], LIVE);
  assert.deepEqual(bodies(), ['new']);
  assert.equal(store.cursors().get('1'), 7);
});

test('counts follow deletions, own messages, system messages and markers', () => {
  const { store, view } = scene();
  store.apply([
    message(1, 2, { mentions: [ME] }), message(2, 3, { sender: ME }), message(3, 4, { kind: 'system', action: { type: 'left' } }), message(4, 5),
  ], LIVE);
  assert.deepEqual([view().unread, view().mentions], [2, 1]);
  store.apply([message(1, 6, { deleted: true, body: undefined })], LIVE);
  assert.deepEqual([view().unread, view().mentions], [1, 0]);
  store.markRead('1', 4);
  assert.equal(view().unread, 0);
  store.apply([message(5, 7)], LIVE);
  assert.equal(view().unread, 1);
  store.apply([decodeEvent({ type: 'read', conversation: '1', account: ME, seq: 5, account_mod: 9 })!], LIVE);
  assert.deepEqual([view().unread, store.accountMod], [0, 9]);
});

test('unread below what is held comes from the server, and is asked for when it cannot be known', () => {
  const { store, view, calls } = scene({ last_seq: 50, unread: 20, mentions: 2, read_seq: 30 });
  assert.equal(view().unread, 20);
  store.apply([message(51, 2)], LIVE);
  assert.equal(view().unread, 21);
  assert.ok(!calls.includes('counts'));
  store.apply([message(40, 3, { deleted: true })], LIVE);
  assert.ok(calls.includes('counts'));
  assert.equal(store.takeCounts(store.room('1')!, row({ mod: 3, last_seq: 51, read_seq: 30, unread: 20, mentions: 2 })), true);
  assert.equal(view().unread, 20);
});

test('removed and taken in again while it was away: the marker is where the coming back has put it', () => {
  const { store, view } = scene({ last_seq: 3, read_seq: 1, unread: 2 });
  const back = decodeEvent({ type: 'conversation', account_mod: 7, conversation: { ...row({ mod: 10, last_seq: 5, read_seq: 5 }) } })!;
  store.apply([back], { late: true, primary: true });
  assert.equal(store.cursors().get('1'), 1);
  store.apply([message(4, 6), message(5, 8)], { late: true, primary: true });
  assert.deepEqual([view().read_seq, view().unread], [5, 0]);
});

test('removal is a barrier, and what was told before a return is over', () => {
  const { store } = scene();
  const left = decodeEvent({ type: 'left', conversation: '1', account: ME, mod: 8, account_mod: 6 })!;
  const back = decodeEvent({ type: 'conversation', account_mod: 7, conversation: { ...row({ mod: 10, last_seq: 0 }) } })!;
  let loads = 0;
  store.apply([left, message(1, 9)], LIVE);
  assert.equal(store.view('1').peek(), undefined);
  const detach = store.attach({ conversation: '1', onChange: () => {}, onReplaced: () => void loads++ });
  store.apply([back], LIVE);
  assert.equal(loads, 1, 'what shows it loads it again');
  detach();
  store.apply([left, message(1, 11)], { late: true, primary: false });
  assert.equal(store.view('1').peek()?.unread, 1);
  assert.equal(store.cursors().get('1'), 11);
});

test('settings do not move the conversation cursor', () => {
  const { store, view } = scene();
  store.apply([decodeEvent({ type: 'conversation', account_mod: 6, conversation: { id: '1', changed_mod: 9, notify: 'none' } })!], LIVE);
  assert.equal(view().notify, 'none');
  assert.equal(store.cursors().get('1'), 1);
});

test('a conversation known from an answer is followed only when the server tells of it', () => {
  const { store, calls } = scene();
  store.addProvisional(row({ id: '2', mod: 3 }));
  assert.equal(store.cursors().has('2'), false);
  store.apply([decodeEvent({ type: 'conversation', account_mod: 6, conversation: row({ id: '2', mod: 5 }) })!], LIVE);
  assert.equal(store.cursors().get('2'), 5);
  assert.ok(calls.includes('changes'));
});

test('retention drops from the bottom', () => {
  const { store, view, bodies } = scene();
  store.apply([message(1, 2), message(2, 3), message(3, 4)], LIVE);
  store.apply([decodeEvent({ type: 'conversation', conversation: { id: '1', changed_mod: 5, first_seq: 3 } })!], LIVE);
  assert.deepEqual(bodies(), ['m 3']);
  store.apply([decodeEvent({ type: 'conversation', conversation: { id: '1', changed_mod: 6, first_seq: 4 } })!], LIVE);
  assert.deepEqual([bodies(), view().last_message, view().last_seq, view().unread], [[], null, 3, 0]);
});

test('decoders: unknown types are ignored, wrong members refused, prototypes left alone', () => {
  assert.equal(decodeEvent({ type: 'later' }), null);
  assert.equal(decodeEvent({ type: 'constructor' }), null);
  assert.equal(decodeEvent('x'), null);
  assert.throws(() => decodeEvent({ type: 'message', conversation: '1', seq: '1' }), DecodeError);
  assert.throws(() => decodeEvent({ type: 'read', conversation: 'x', account: '1', seq: 1 }), DecodeError);
  assert.throws(() => decodeEvent({ type: 'received', conversation: '1', account: '1', seq: 2 ** 53 }), DecodeError);
  const hostile = JSON.parse('{"type":"presence","account":"1","state":"online","__proto__":{"polluted":true},"extra":1}') as unknown;
  const event = decodeEvent(hostile) as unknown as { presence: Record<string, unknown> };
  assert.equal(event.presence.polluted, undefined);
  assert.ok(!('extra' in event.presence));
});

test('what was told of members while their page was under way is kept', () => {
  const { store, view } = scene();
  const room = store.room('1')!;
  const member = (account: string, mod: number, role: 'member' | 'admin' = 'member') => ({ account, role, mod, read_seq: 0, received_seq: 0 });
  store.apply([
    decodeEvent({ type: 'received', conversation: '1', account: '11', seq: 4 })!,
    decodeEvent({ type: 'member', conversation: '1', account: '12', role: 'member', mod: 8 })!,
    decodeEvent({ type: 'member', conversation: '1', account: '14', role: 'admin', mod: 9 })!,
    decodeEvent({ type: 'left', conversation: '1', account: '13', mod: 10 })!,
  ], LIVE);
  store.takeRoster(room, [member(ME, 1), member('11', 2), member('13', 3), member('14', 4)], null);
  assert.deepEqual([...room.roster!.keys()], [ME, '11', '14', '12']);
  assert.equal(room.roster!.get('11')!.received_seq, 4);
  assert.equal(room.roster!.get('14')!.role, 'admin');
  assert.equal(view().members_count, 4);
  store.apply([decodeEvent({ type: 'read', conversation: '1', account: '11', seq: 6 })!, decodeEvent({ type: 'left', conversation: '1', account: '12', mod: 11 })!], LIVE);
  assert.deepEqual([room.roster!.get('11')!.read_seq, room.roster!.get('11')!.received_seq, view().members_count], [6, 6, 3]);
  store.apply([decodeEvent({ type: 'member', conversation: '1', account: '14', role: 'member', mod: 5 })!], LIVE);
  assert.equal(room.roster!.get('14')!.role, 'admin');
});
