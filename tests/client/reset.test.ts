// SPDX-License-Identifier: Apache-2.0
//
// A restored backup that is noticed over HTTP first: the list is read anew and the live link begins anew with it, so that
// nothing falls between the two.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals-core';
import type { Core } from '../../www/client/core.ts';
import { Fetcher } from '../../www/client/fetcher.ts';
import { Leader } from '../../www/client/leader.ts';
import { Problem } from '../../www/client/problem.ts';
import type { Command } from '../../www/client/protocol.ts';
import { Store, type StoreHost } from '../../www/client/store.ts';
import { deferred } from '../../www/client/timing.ts';
import type { TransportHost } from '../../www/client/transport.ts';
import { until } from '../lib/wait.ts';

const nothing = () => {};
const HOST: StoreHost = {
  save: nothing, ownMessage: nothing, arrival: nothing, needCounts: nothing, needChanges: nothing, accountChanged: nothing,
  profileAt: nothing, draftChanged: nothing, watchChanged: nothing,
};
const list = (epoch: string, mod: number) => ({
  epoch, account_mod: 1, more: false,
  conversations: [{ id: '1', kind: 'group', title: 'T', changed_mod: 1, mod, first_seq: 1, last_seq: 0, read_seq: 0, unread: 0, mentions: 0, last_message: null, members_count: 2, my_role: 'member' }],
});
const message = (seq: number, mod: number) => ({
  type: 'message', conversation: '1', seq, mod, id: String(100 + seq), sender: '11', time: '2026-01-01T00:00:00.000Z', kind: 'text', body: `m ${seq}`,
});

function scene() {
  const links: { host: TransportHost; hello: Command | undefined; closed: boolean }[] = [];
  const lists: ReturnType<typeof deferred<unknown>>[] = [];
  const request = async (_method: string, path: string, { decode = (x: unknown) => x } = {}) => {
    if (path === '/api/relays') return decode({ relays: [{ name: 'a', url: '/live/a', region: '', load: 0 }] });
    if (path.startsWith('/api/changes')) throw new Problem({ type: 'urn:parley:reset', title: '', status: 409, detail: '', retry_after: null });
    lists.push(deferred());
    return decode(await lists.at(-1)!.promise);
  };
  const connect = (_kind: unknown, _relay: unknown, host: TransportHost) => {
    const link = { host, hello: undefined as Command | undefined, closed: false };
    links.push(link);
    queueMicrotask(() => host.onOpen());
    const send = (commands: readonly Command[]) => void (link.hello = commands.find(({ type }) => type === 'hello') ?? link.hello);
    return { kind: 'websocket', send, close: () => void (link.closed = true) };
  };
  const store = new Store('10', HOST);
  const core = {
    http: { token: null, request }, store, connection: signal(), account: signal(), link: { name: 't', connect }, tabId: 't',
    keeper: { entries: async () => [], save: nothing }, drafts: { push: nothing }, post: nothing, log: nothing, denied: nothing,
  } as unknown as { -readonly [K in keyof Core]: Core[K] };
  let leader: Leader;
  core.fetcher = new Fetcher(core.http, store, () => leader.reset());
  leader = new Leader(core);
  const welcome = (n: number, epoch: string) => links[n]!.host.onEvents([
    { type: 'welcome', session: '1', account: { id: '10', login: 'a', display_name: 'A' }, account_mod: 1, relay: 'a', epoch, heartbeat: 25, time: '' }, { type: 'ready' },
  ]);
  return { store, core, leader, links, lists, welcome };
}

test('another epoch that /api/changes tells of first: the link says hello with the new list', async () => {
  const { store, core, leader, links, lists, welcome } = scene();
  await until('the list is asked for', () => lists.length === 1);
  lists[0]!.resolve(list('old', 10));
  await until('hello', () => links[0]?.hello !== undefined);
  welcome(0, 'old');

  await assert.rejects(core.fetcher.complete(store.room('1')!, 0), { name: 'reset' });
  await until('the list is asked for again', () => lists.length === 2);
  links[0]!.host.onEvents([message(1, 11)]); // told before the list, which does not have it, is there
  lists[1]!.resolve(list('new', 10));
  await until('hello with the new list', () => links[1]?.hello !== undefined);
  assert.equal(links[0]!.closed, true);
  assert.deepEqual(links[1]!.hello, { type: 'hello', epoch: 'new', account_mod: 1, resume: { 1: 10 }, more: false, client: 't' });
  links[0]!.host.onEvents([message(2, 12)]);
  assert.equal(store.cursors().get('1'), 10);
  leader.close();
});
