// SPDX-License-Identifier: Apache-2.0
//
// The checker: a pure function from a history to a verdict. Each property is one function in properties/, which says what
// breaks it and gives the least of the history that shows it: the checker, run over that alone, finds the same again.

import { Facts } from './facts.ts';
import type { Entry } from './history.ts';
import { late } from './properties/late.ts';
import { barrier } from './properties/members.ts';
import { gaps, senderOrder, totalOrder } from './properties/order.ts';
import { converged, markers } from './properties/quiet.ts';
import { monotonic, ownWrites, writesFollowReads } from './properties/reads.ts';
import { duplicated, invented, lost } from './properties/stored.ts';

export const PROPERTIES = {
  P1: lost, P2: invented, P3: duplicated, P4: totalOrder, P5: gaps, P6: senderOrder, P7: ownWrites, P8: monotonic,
  P9: writesFollowReads, P10: barrier, P11: late, P12: converged, P13: markers,
} as const;
export type PropertyName = keyof typeof PROPERTIES;

/** What breaks a property: a sentence, and the entries that show it. */
export interface Finding {
  what: string;
  history: (Entry | undefined)[];
}
export type Property = (facts: Facts) => Finding[];

export interface Violation {
  property: PropertyName;
  what: string;
  history: Entry[];
}

export interface Verdict {
  /** Sends that were attempted, and those that were acknowledged. */
  attempted: number;
  acknowledged: number;
  /** Acknowledged, stored once, and with every device that came back. */
  ok: number;
  lost: number;
  duplicated: number;
  unexpected: number;
  /** Stored although nobody was told so: the answer got lost. */
  recovered: number;
  violations: Violation[];
}

/** More of one property in one era say nothing new. */
const MOST = 20;

export function check(history: readonly Entry[]): Verdict {
  const last = history.reduce((era, entry) => Math.max(era, entry.era), 0);
  const eras = Array.from({ length: last + 1 }, (_, era) => new Facts(history, era));
  const counts = { P1: 0, P2: 0, P3: 0 } as Record<PropertyName, number>;
  const violations = eras.flatMap((facts) => (Object.keys(PROPERTIES) as PropertyName[]).flatMap((property) => {
    const findings = (PROPERTIES[property] as Property)(facts);
    counts[property] = (counts[property] ?? 0) + findings.length;
    return findings.slice(0, MOST).map(({ what, history: entries }) => ({ property, what, history: inOrder(entries) }));
  }));
  const acknowledged = new Set(eras.flatMap((facts) => facts.acknowledged().map(({ ok }) => ok.key)));
  const stored = eras.flatMap((facts) => [...facts.rowsOf.keys()]);
  return {
    attempted: eras.at(-1)!.sends.size, acknowledged: acknowledged.size, ok: acknowledged.size - Math.min(acknowledged.size, counts.P1),
    lost: counts.P1, duplicated: counts.P3, unexpected: counts.P2,
    recovered: new Set(stored.filter((key) => !acknowledged.has(key))).size, violations,
  };
}

const inOrder = (entries: (Entry | undefined)[]): Entry[] =>
  [...new Set(entries.filter((entry) => entry !== undefined))].sort((a, b) => a.n - b.n);
