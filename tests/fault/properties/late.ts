// SPDX-License-Identifier: Apache-2.0
//
// P11: what is acknowledged reaches every device that is connected and follows the conversation, within a bound after the
// acknowledgement, after its `ready`, and after the last fault that touched it. A life that ended before then is not judged.
// And every device is back and answered when it has to be.

import type { Finding } from '../checker.ts';
import { listIn, mapIn, type Facts, type Life } from '../facts.ts';
import type { Entry, Of } from '../history.ts';

/** Reconciliation finds a dropped notification within 2 s; the rest is for a machine that is busy with the harness itself. */
export const BOUND_MS = 8_000;

export interface Fault {
  begin: Of<'fault'>;
  ended: Of<'fault'> | undefined;
}

export function late(facts: Facts): Finding[] {
  return [...facts.entries.flatMap((entry) => (entry.is === 'away' ? [{ what: `${entry.device}: ${entry.what}`, history: [entry] }] : [])), ...unseen(facts)];
}

function unseen(facts: Facts): Finding[] {
  const faults = faultsOf(facts);
  const { seen, follows } = byDevice(facts);
  const end = facts.entries.at(-1)?.t ?? 0;
  const acknowledged = facts.acknowledged();
  return [...facts.lives.values()].flatMap((life) => {
    const { begin, ready } = life;
    if (!ready) return [];
    const mine = faults.filter(({ begin: { touches } }) => touches === 'all' || touches === begin.relay || touches === begin.device);
    const over = life.gone?.t ?? end;
    for (const { send, ok } of acknowledged) {
      if (ok.n > (life.gone?.n ?? Infinity)) break;
      if (Math.max(ok.t, ready.t) + BOUND_MS > over) continue;
      const followed = follows.get(begin.device)?.get(ok.conversation)?.findLast(({ from }) => from.n < ok.n);
      if (!followed || followed.from.from > ok.seq) continue;
      const from = Math.max(ok.t, ready.t, followed.from.t);
      const saw = seen.get(begin.device)?.get(`${ok.conversation} ${ok.seq}`);
      if (saw && saw.t <= from + BOUND_MS) continue;
      const due = deadline(from, mine);
      if (due > Math.min(over, followed.to?.t ?? end)) continue;
      if (!saw || saw.t > due) return [{ what: `${begin.device} did not see ${ok.seq} within ${BOUND_MS} ms`, history: [send.attempt, ok, ...lifeOf(life), followed.from, followed.to, saw, ...mine.flatMap((fault) => [fault.begin, fault.ended]), facts.entries.at(-1)] }];
    }
    return [];
  });
}

const lifeOf = ({ begin, ready, gone }: Life): (Entry | undefined)[] => [begin, ready, gone];

/** A fault that meets the time until the deadline moves it to a bound after its own end. */
export function deadline(from: number, faults: readonly Fault[]): number {
  let due = from + BOUND_MS;
  for (const { begin, ended } of faults) {
    const end = ended?.t ?? Infinity;
    if (begin.t <= due && end >= from) due = Math.max(due, end + BOUND_MS);
  }
  return due;
}

export function faultsOf(facts: Facts): Fault[] {
  const faults: Fault[] = [];
  for (const entry of facts.faults) {
    if (entry.phase === 'begin') faults.push({ begin: entry, ended: undefined });
    else {
      const fault = faults.findLast(({ begin, ended }) => begin.name === entry.name && begin.touches === entry.touches && !ended);
      if (fault) fault.ended = entry;
    }
  }
  return faults.sort((a, b) => a.begin.t - b.begin.t);
}

interface Followed {
  from: Of<'follows'>;
  to: Of<'drops'> | undefined;
}

function byDevice(facts: Facts): { seen: Map<string, Map<string, Of<'saw'>>>; follows: Map<string, Map<string, Followed[]>> } {
  const seen = new Map<string, Map<string, Of<'saw'>>>();
  const follows = new Map<string, Map<string, Followed[]>>();
  for (const entry of facts.entries) {
    if (entry.is === 'saw') {
      const mine = mapIn(seen, entry.device);
      const what = `${entry.conversation} ${entry.state.seq}`;
      if (!mine.has(what)) mine.set(what, entry);
    } else if (entry.is === 'follows') listIn(mapIn(follows, entry.device), entry.conversation).push({ from: entry, to: undefined });
    else if (entry.is === 'drops') {
      const last = follows.get(entry.device)?.get(entry.conversation)?.at(-1);
      if (last) last.to ??= entry;
    }
  }
  return { seen, follows };
}
