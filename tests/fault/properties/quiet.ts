// SPDX-License-Identifier: Apache-2.0
//
// P12 when it is quiet all hold what the database holds, P13 markers never fall, and unread is what counting gives.

import type { Finding } from '../checker.ts';
import { mapIn, type Facts } from '../facts.ts';
import type { Of } from '../history.ts';
import { BOUND_MS, deadline, faultsOf } from './late.ts';

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

/** P13: a marker never falls; at the end each device has the database's, and counts unread as it is. */
export function markers(facts: Facts): Finding[] {
  return [...falling(facts), ...exceeding(facts), ...facts.held.flatMap((held) => {
    const member = facts.members.find(({ conversation, account }) => conversation === held.conversation && account === held.account);
    if (!member) return [];
    if (member.read_seq !== held.read_seq) return [{ what: `${held.device} has read up to ${held.read_seq}, the database says ${member.read_seq}`, history: [held, member] }];
    const unread = [...(facts.rows.get(held.conversation)?.values() ?? [])].filter(({ state }) =>
      state.seq > member.read_seq && state.kind === 'text' && !state.deleted && state.sender !== held.account);
    const count = Math.min(unread.length, MOST_COUNTED);
    return count === held.unread ? [] : [{ what: `${held.device} counts ${held.unread} unread, there are ${count}`, history: [held, member, ...unread] }];
  })];
}

/**
 * A marker has no mod: what is read from the database after `ready`, or found by reconciliation, may come beside what is newer
 * and was told live. So it may fall for as long as a notification may be late, and no longer.
 */
function falling(facts: Facts): Finding[] {
  const faults = faultsOf(facts);
  const highest = new Map<string, Map<string, Of<'marker'>>>();
  return facts.entries.flatMap((entry) => {
    if (entry.is !== 'marker') return [];
    const mine = mapIn(highest, entry.device);
    const what = `${entry.marker} ${entry.conversation} ${entry.of}`;
    const before = mine.get(what);
    if (!before || before.seq <= entry.seq) mine.set(what, entry);
    if (!before || before.seq <= entry.seq || entry.t <= before.t + BOUND_MS) return [];
    const touching = faults.filter(({ begin: { touches } }) => touches === 'all' || touches === entry.device);
    if (entry.t <= deadline(before.t, touching)) return [];
    return [{ what: `${entry.device} was told ${entry.of} has ${entry.marker} ${before.seq}, then ${entry.seq}`, history: [before, entry, ...touching.flatMap(({ begin, ended }) => [begin, ended])] }];
  });
}

/** Nobody was told more than the database holds at the end: there a marker never falls. */
function exceeding(facts: Facts): Finding[] {
  const final = new Map(facts.members.map((member) => [`${member.conversation} ${member.account}`, member]));
  return facts.entries.flatMap((entry) => {
    const member = entry.is === 'marker' && entry.marker === 'read' && final.get(`${entry.conversation} ${entry.of}`);
    return member && entry.seq > member.read_seq ? [{ what: `${entry.device} was told ${entry.of} has read ${entry.seq}, the database says ${member.read_seq}`, history: [entry, member] }] : [];
  });
}
