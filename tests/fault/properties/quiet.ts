// SPDX-License-Identifier: Apache-2.0
//
// P12 when it is quiet all hold what the database holds, P13 markers never fall, and unread is what counting gives.

import type { Finding } from '../checker.ts';
import { mapIn, type Facts } from '../facts.ts';
import type { Of } from '../history.ts';

/** P12: each state that a device holds at the end is the database's. */
export function converged(facts: Facts): Finding[] {
  return facts.held.flatMap((held) => {
    const rows = facts.rows.get(held.conversation);
    const other = held.states.find((state) => JSON.stringify(state) !== JSON.stringify(rows?.get(state.seq)?.state));
    if (!other) return [];
    const row = rows?.get(other.seq);
    return [{ what: `${held.device} holds ${JSON.stringify(other)}, the database ${JSON.stringify(row?.state)}`, history: [held, row] }];
  });
}

const MOST_COUNTED = 1000;

/** P13: a marker never falls for one device; at the end each device has the database's, and counts unread as it is. */
export function markers(facts: Facts): Finding[] {
  return [...falling(facts), ...facts.held.flatMap((held) => {
    const member = facts.members.find(({ conversation, account }) => conversation === held.conversation && account === held.account);
    if (!member) return [];
    if (member.read_seq !== held.read_seq) return [{ what: `${held.device} has read up to ${held.read_seq}, the database says ${member.read_seq}`, history: [held, member] }];
    const unread = [...(facts.rows.get(held.conversation)?.values() ?? [])].filter(({ state }) =>
      state.seq > member.read_seq && state.kind === 'text' && !state.deleted && state.sender !== held.account);
    const count = Math.min(unread.length, MOST_COUNTED);
    return count === held.unread ? [] : [{ what: `${held.device} counts ${held.unread} unread, there are ${count}`, history: [held, member, ...unread] }];
  })];
}

/** Judged life by life: what follows `ready` is read from the database, and may come after what is newer and was told live. */
function falling(facts: Facts): Finding[] {
  const earlier = new Map<string, Map<string, Of<'marker'>>>();
  const highest = new Map<string, Map<string, Of<'marker'>>>();
  return facts.entries.flatMap((entry) => {
    if (entry.is === 'life') earlier.set(entry.device, new Map(highest.get(entry.device)));
    if (entry.is !== 'marker') return [];
    const what = `${entry.marker} ${entry.conversation} ${entry.of}`;
    const before = earlier.get(entry.device)?.get(what);
    const mine = mapIn(highest, entry.device);
    if ((mine.get(what)?.seq ?? 0) <= entry.seq) mine.set(what, entry);
    if (!before || before.seq <= entry.seq) return [];
    const life = facts.entries.findLast((other) => other.is === 'life' && other.device === entry.device && other.n < entry.n);
    return [{ what: `${entry.device} was told ${entry.of} has ${entry.marker} ${before.seq}, then ${entry.seq}`, history: [before, life, entry] }];
  });
}
