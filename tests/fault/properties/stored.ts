// SPDX-License-Identifier: Apache-2.0
//
// P1 nothing acknowledged is lost, P2 nothing is invented, P3 nothing is doubled.

import type { Finding } from '../checker.ts';
import { mapIn, type Facts } from '../facts.ts';
import type { Of, State } from '../history.ts';

/** P1: what was acknowledged is in the database and with every device that came back and whose account is a member. */
export function lost(facts: Facts): Finding[] {
  if (!facts.complete) return [];
  const acknowledged = [...facts.acknowledged().map(({ ok }) => ok), ...facts.inherited];
  const held = facts.held.map((device) => ({ device, seqs: new Set(device.states.map(({ seq }) => seq)) }));
  return acknowledged.flatMap((ok): Finding[] => {
    const attempt = facts.tries.get(ok.key);
    const witness = facts.members.find((member) => member.conversation === ok.conversation);
    if (!facts.rowsOf.get(ok.key)?.some(({ state }) => state.seq === ok.seq && state.conversation === ok.conversation)) {
      return [{ what: `acknowledged as ${ok.seq}, and not stored there`, history: [attempt, ok, witness, ...(facts.rowsOf.get(ok.key) ?? [])] }];
    }
    const missing = held.find(({ device, seqs }) => device.conversation === ok.conversation && ok.seq >= device.from && !seqs.has(ok.seq));
    return missing ? [{ what: `acknowledged as ${ok.seq}, and not with ${missing.device.device}`, history: [attempt, ok, witness, missing.device, ...facts.rowsOf.get(ok.key)!] }] : [];
  });
}

/** P2: every text that is seen or stored was attempted, by that sender, there; and not finally refused. */
export function invented(facts: Facts): Finding[] {
  const judge = (state: State, entry: Of<'saw'> | Of<'row'> | Of<'held'>): Finding[] => {
    if (state.body === null) return [];
    const attempt = facts.texts.get(state.body);
    if (!attempt) return [{ what: `"${state.body}" was never said`, history: [entry] }];
    const refused = facts.refused.get(attempt.key);
    if (refused) return [{ what: `"${state.body}" was finally refused (${refused.problem})`, history: [attempt, refused, entry] }];
    const right = attempt.account === state.sender && attempt.conversation === state.conversation;
    return right ? [] : [{ what: `"${state.body}" was said by ${attempt.account} in ${attempt.conversation}, not so`, history: [attempt, entry] }];
  };
  return [
    ...facts.sightings.flatMap((entry) => judge(entry.state, entry)),
    ...[...facts.rows.values()].flatMap((rows) => [...rows.values()]).flatMap((entry) => judge(entry.state, entry)),
    ...facts.held.flatMap((entry) => entry.states.flatMap((state) => judge(state, entry))),
  ];
}

/** P3: a message has one place, whoever tells of it, and a device shows it once and is told each change once. */
export function duplicated(facts: Facts): Finding[] {
  const places = new Map<string, { seq: number; entry: Of<'saw'> | Of<'row'> | Of<'ok'> }>();
  const place = (key: string | undefined, seq: number, entry: Of<'saw'> | Of<'row'> | Of<'ok'>): Finding[] => {
    if (key === undefined) return [];
    const first = places.get(key);
    if (!first) places.set(key, { seq, entry });
    if (!first || first.seq === seq) return [];
    return [{ what: `${key} is at ${first.seq} and at ${seq}`, history: [facts.tries.get(key), first.entry, entry] }];
  };
  return [
    ...[...facts.sends.values()].flatMap(({ oks }) => oks.flatMap((ok) => place(ok.key, ok.seq, ok))),
    ...[...facts.rowsOf].flatMap(([key, rows]) => rows.flatMap((row) => place(key, row.state.seq, row))),
    ...facts.sightings.flatMap((saw) => place(originalKey(facts, saw.state), saw.state.seq, saw)),
    ...toldTwice(facts), ...heldTwice(facts),
  ];
}

/** Only a text that was sent, not one that came by an edit, says which message it is. */
function originalKey(facts: Facts, state: State): string | undefined {
  const attempt = state.body === null ? undefined : facts.texts.get(state.body);
  return attempt?.op === 'send' ? attempt.key : undefined;
}

function toldTwice(facts: Facts): Finding[] {
  const told = new Map<string, Map<string, Of<'saw'>>>();
  return facts.sightings.filter(({ path }) => path === 'live').flatMap((saw) => {
    const life = mapIn(told, saw.life);
    const what = `${saw.conversation} ${saw.state.seq} ${saw.state.mod}`;
    const first = life.get(what);
    if (!first) life.set(what, saw);
    return first ? [{ what: `${saw.device} was told twice of ${saw.state.seq} in one state`, history: [facts.tries.get(originalKey(facts, saw.state) ?? ''), first, saw] }] : [];
  });
}

function heldTwice(facts: Facts): Finding[] {
  return facts.held.flatMap((held) => {
    const seqs = new Set<number>();
    const twice = held.states.find(({ seq }) => seqs.size === seqs.add(seq).size);
    return twice ? [{ what: `${held.device} shows ${twice.seq} twice`, history: [held] }] : [];
  });
}
