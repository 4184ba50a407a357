// SPDX-License-Identifier: Apache-2.0
//
// P4 one order for all, P5 no gap, P6 the sender's order.

import type { Finding } from '../checker.ts';
import { listIn, mapIn, type Facts } from '../facts.ts';
import type { Of, State } from '../history.ts';

/** P4: at one (conversation, mod) all see one state, and in one life the mods of a conversation rise. */
export function totalOrder(facts: Facts): Finding[] {
  return [...divergences(facts), ...inversions(facts)];
}

function divergences(facts: Facts): Finding[] {
  type Witness = Of<'saw'> | Of<'row'>;
  const seen = new Map<string, Map<number, { text: string; entry: Witness }>>();
  const compare = (state: State, entry: Witness): Finding[] => {
    const text = JSON.stringify(state);
    const mods = mapIn(seen, state.conversation);
    const first = mods.get(state.mod);
    if (!first) mods.set(state.mod, { text, entry });
    if (!first || first.text === text) return [];
    return [{ what: `two states at mod ${state.mod}: ${first.text} and ${text}`, history: [first.entry, entry, ...textsOf(facts, state, first.entry.state)] }];
  };
  return [
    ...[...facts.rows.values()].flatMap((rows) => [...rows.values()].flatMap((row) => compare(row.state, row))),
    ...facts.sightings.flatMap((saw) => compare(saw.state, saw)),
  ];
}

const textsOf = (facts: Facts, ...states: State[]): (Of<'try'> | undefined)[] => states.map(({ body }) => facts.texts.get(body ?? ''));

function inversions(facts: Facts): Finding[] {
  const last = new Map<string, Map<string, Of<'saw'>>>();
  return facts.sightings.filter(({ path }) => path === 'live').flatMap((saw) => {
    const life = mapIn(last, saw.life);
    const before = life.get(saw.conversation);
    if (!before || before.state.mod < saw.state.mod) life.set(saw.conversation, saw);
    if (!before || before.state.mod <= saw.state.mod) return [];
    return [{ what: `${saw.device} was told mod ${before.state.mod}, then ${saw.state.mod}`, history: [before, saw, ...textsOf(facts, before.state, saw.state)] }];
  });
}

/**
 * P5: the database's seqs have no gap; at `ready` a device holds all that was acknowledged before its hello in the
 * conversations that it followed then (unless it was removed from one meanwhile: nothing of it is shown any more, and `left`
 * may come later); and at the end a device holds a run without a gap.
 */
export function gaps(facts: Facts): Finding[] {
  return [...gapsInRows(facts), ...gapsAtReady(facts), ...gapsHeld(facts)];
}

function gapsInRows(facts: Facts): Finding[] {
  return [...facts.rows].flatMap(([conversation, rows]) => {
    const seqs = [...rows.keys()].sort((a, b) => a - b);
    const at = seqs.findIndex((seq, i) => seq !== i + 1);
    return at < 0 ? [] : [{ what: `${conversation} has no ${at + 1} in the database`, history: [rows.get(seqs[at]!)] }];
  });
}

function gapsAtReady(facts: Facts): Finding[] {
  const holds = new Map<string, Map<string, { follows: Of<'follows'>; seqs: Set<number> }>>();
  const acknowledged = new Map<string, Of<'ok'>[]>();
  const removals = new Map<string, Of<'out'>>();
  const findings: Finding[] = [];
  for (const entry of facts.entries) {
    if (entry.is === 'out') removals.set(`${entry.conversation} ${entry.account}`, entry);
    else if (entry.is === 'ok' && facts.sends.has(entry.key)) listIn(acknowledged, entry.conversation).push(entry);
    else if (entry.is === 'drops') holds.get(entry.device)?.delete(entry.conversation);
    else if (entry.is === 'follows') mapIn(holds, entry.device).set(entry.conversation, { follows: entry, seqs: earlier(facts, entry) });
    else if (entry.is === 'saw') holds.get(entry.device)?.get(entry.conversation)?.seqs.add(entry.state.seq);
    else if (entry.is === 'ready' && entry.whole) {
      const begin = facts.lives.get(entry.life)?.begin;
      for (const [conversation, { follows, seqs }] of holds.get(entry.device) ?? []) {
        if (!begin || follows.n > begin.n) continue;
        const removal = removals.get(`${conversation} ${begin.account}`);
        if (removal && (removal.phase === 'try' || removal.n > begin.n)) continue;
        const missing = acknowledged.get(conversation)?.find((ok) => ok.n < begin.n && ok.seq >= follows.from && !seqs.has(ok.seq));
        if (missing) findings.push({ what: `${entry.device} is ready without ${missing.seq}`, history: [facts.tries.get(missing.key), missing, follows, begin, entry] });
      }
    }
  }
  return findings;
}

/** What a device has seen of a conversation before it says that it holds it: it read it by pages. */
function earlier(facts: Facts, follows: Of<'follows'>): Set<number> {
  return new Set(facts.sightings.filter((saw) => saw.n < follows.n && saw.device === follows.device && saw.conversation === follows.conversation)
    .map((saw) => saw.state.seq));
}

function gapsHeld(facts: Facts): Finding[] {
  return facts.held.flatMap((held) => {
    const seqs = new Set(held.states.map(({ seq }) => seq));
    const last = Math.max(0, ...(facts.rows.get(held.conversation)?.keys() ?? []));
    const at = Array.from({ length: last - held.from + 1 }, (_, i) => held.from + i).find((seq) => !seqs.has(seq));
    return at === undefined ? [] : [{ what: `${held.device} holds no ${at} at the end`, history: [held, facts.rows.get(held.conversation)?.get(last)] }];
  });
}

/** P6: of two sends of one device, the later has the higher seq: after an acknowledgement always, else where order was promised. */
export function senderOrder(facts: Facts): Finding[] {
  const byDevice = new Map<string, { attempt: Of<'try'>; ok: Of<'ok'>; again: boolean }[]>();
  for (const { send: { attempt, again }, ok } of facts.acknowledged()) {
    if (attempt.era === facts.era) listIn(byDevice, `${attempt.device} ${attempt.conversation}`).push({ attempt, ok, again: again.length > 0 });
  }
  return [...byDevice.values()].flatMap((sends) => {
    const findings: Finding[] = [];
    const acks = [...sends];
    let highest: (typeof sends)[number] | undefined; // of those acknowledged so far
    const inOrder = new Map<string, (typeof sends)[number]>();
    for (const send of sends.toSorted((a, b) => a.attempt.n - b.attempt.n)) {
      while (acks[0] && acks[0].ok.n < send.attempt.n) {
        const next = acks.shift()!;
        if (!highest || next.ok.seq > highest.ok.seq) highest = next;
      }
      const before = send.attempt.fifo === undefined || send.again ? undefined : inOrder.get(send.attempt.fifo);
      for (const first of [highest, before]) {
        if (first && first.ok.seq > send.ok.seq) {
          findings.push({ what: `${send.attempt.device} sent ${first.ok.seq} before ${send.ok.seq}`, history: [first.attempt, first.ok, send.attempt, send.ok] });
        }
      }
      if (send.attempt.fifo !== undefined && !send.again) inOrder.set(send.attempt.fifo, send);
    }
    return findings;
  });
}
