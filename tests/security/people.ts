// SPDX-License-Identifier: Apache-2.0
//
// Everybody that the table of rights has a column for (rights.ts), and groups that all of them have to do with.

import { randomUUID } from 'node:crypto';
import { expectStatus } from '../lib/http.ts';
import type { Person, Stack } from '../lib/stack.ts';
import { WHO, type Who } from './rights.ts';

/** What only members may see: in the title, the topic and each text of a group. */
export const SECRET = 'for-members-only';

export type Everybody = Record<Who | 'author' | 'target' | 'friend', Person>;

export interface Group {
  id: string;
  /** The `seq` of the author's message. */
  seq: number;
  /** The `seq` of each one's own, where they wrote one. */
  own: Partial<Record<Who, number>>;
}

/** They are all as they were at their best: who is to be `gone`, `revoked` or `temporary` by `dismiss`. */
export async function everybody(stack: Stack): Promise<Everybody> {
  const names = [...WHO.filter((who) => who !== 'nobody'), 'author', 'target', 'friend'];
  const people = await Promise.all(names.map((name) => stack.person(name, { admin: name === 'root' })));
  return { nobody: stack.api() as Person, ...Object.fromEntries(names.map((name, i) => [name, people[i]])) } as Everybody;
}

export async function dismiss(stack: Stack, all: Everybody): Promise<void> {
  expectStatus(await all.revoked.post('/api/logout'), 204);
  expectStatus(await all.root.patch(`/api/admin/accounts/${all.gone.id}`, { deactivated: true }), 200);
  await stack.db.query('UPDATE parley.credential SET must_change_password = true WHERE account_id = $1', [all.temporary.id]);
}

const WRITERS = ['gone', 'revoked', 'temporary', 'removed', 'member', 'admin', 'owner'] as const;

/** A group before anybody was dismissed; `own` where each has a message of its own. */
export async function group(all: Everybody, kind: { public?: boolean; archived?: boolean; own?: boolean } = {}): Promise<Group> {
  const { owner } = all;
  const members = [all.member, all.admin, all.removed, all.author, all.target].map((person) => person.id);
  const made = { title: kind.public ? 'A title for all' : `A title ${SECRET}`, visibility: kind.public ? 'public' : 'private', ref: randomUUID(), members };
  const { id } = expectStatus(await owner.post('/api/groups', made), 201).conversation;
  const say = async (who: Person): Promise<number> => expectStatus(await who.post('/api/messages', { ref: randomUUID(), conversation: id, body: SECRET }), 201).message.seq;
  expectStatus(await owner.post(`/api/groups/${id}/members`, { accounts: [all.gone.id, all.revoked.id, all.temporary.id, all.friend.id], role: 'owner' }), 204);
  expectStatus(await owner.patch(`/api/groups/${id}/members/${all.admin.id}`, { role: 'admin' }), 204);
  const seq = await say(all.author);
  const own: Group['own'] = {};
  for (const who of kind.own ? WRITERS : []) own[who] = await say(all[who]);
  expectStatus(await owner.delete(`/api/groups/${id}/members/${all.removed.id}`), 204);
  if (kind.archived) expectStatus(await owner.patch(`/api/groups/${id}`, { archived: true }), 200);
  return { id, seq, own };
}
