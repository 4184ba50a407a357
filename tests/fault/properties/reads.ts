// SPDX-License-Identifier: Apache-2.0
//
// P7 what was acknowledged is in each page read later, P8 a device never sees an older state later, P9 an answer comes after
// what it answers.

import type { Finding } from '../checker.ts';
import { listIn, mapIn, type Facts } from '../facts.ts';
import type { Entry, Of } from '../history.ts';

/** P7: a page that covers a seq acknowledged before it was asked for holds it, and says of a newest that is not below it. */
export function ownWrites(facts: Facts): Finding[] {
  const seen = new Map<string, Set<number>>();
  for (const saw of facts.sightings) {
    if (saw.page !== undefined) (seen.get(saw.page) ?? seen.set(saw.page, new Set()).get(saw.page)!).add(saw.state.seq);
  }
  const acknowledged = new Map<string, Of<'ok'>[]>();
  for (const { ok } of facts.acknowledged()) listIn(acknowledged, ok.conversation).push(ok);
  return pages(facts).flatMap(({ page, asked }) => {
    const missing = acknowledged.get(page.conversation)?.find((ok) => ok.n < asked.n
      && ((ok.seq >= page.first && ok.seq <= page.last && !seen.get(page.key)?.has(ok.seq)) || (page.newest !== null && ok.seq > page.newest)));
    return missing ? [{ what: `a page of ${page.first} to ${page.last}, asked for after ${missing.seq} was acknowledged, is without it`, history: [facts.tries.get(missing.key), missing, asked, page] }] : [];
  });
}

function pages(facts: Facts): { page: Of<'page'>; asked: Of<'try'> }[] {
  return facts.entries.flatMap((page) => {
    const asked = page.is === 'page' && facts.tries.get(page.key);
    return asked ? [{ page: page as Of<'page'>, asked }] : [];
  });
}

/** P8: a page is not older than what its device had seen before it asked. */
export function monotonic(facts: Facts): Finding[] {
  const askedAt = new Map<number, Of<'try'>>();
  for (const { asked } of pages(facts)) askedAt.set(asked.n, asked);
  /** What a device had seen when it asked: the highest mod by seq, and the highest seq. */
  const known = new Map<string, Map<string, Map<number, Of<'saw'>>>>();
  const newest = new Map<string, Map<string, Of<'saw'>>>();
  const before = new Map<string, { mods: Map<number, Of<'saw'>>; newest: Of<'saw'> | undefined }>();
  const findings: Finding[] = [];
  for (const entry of facts.entries) {
    if (entry.is === 'try' && askedAt.has(entry.n)) {
      before.set(entry.key, { mods: new Map(mapIn(known, entry.device).get(entry.conversation)), newest: mapIn(newest, entry.device).get(entry.conversation) });
    } else if (entry.is === 'page') {
      const high = before.get(entry.key)?.newest;
      if (high && entry.newest !== null && high.state.seq > entry.newest) {
        findings.push({ what: `${entry.device} had seen ${high.state.seq}, and a page says ${entry.newest} is the newest`, history: [high, facts.tries.get(entry.key), entry] });
      }
    } else if (entry.is === 'saw') {
      const was = entry.page === undefined ? undefined : before.get(entry.page)?.mods.get(entry.state.seq);
      if (was && was.state.mod > entry.state.mod) findings.push({ what: `${entry.device} had seen ${entry.state.seq} at mod ${was.state.mod}, and a page has mod ${entry.state.mod}`, history: [was, facts.tries.get(entry.page!), entry, pageOf(facts, entry.page!)] });
      const mods = mapIn(mapIn(known, entry.device), entry.conversation);
      if (entry.state.mod >= (mods.get(entry.state.seq)?.state.mod ?? 0)) mods.set(entry.state.seq, entry);
      const news = mapIn(newest, entry.device);
      if (entry.state.seq >= (news.get(entry.conversation)?.state.seq ?? 0)) news.set(entry.conversation, entry);
    }
  }
  return findings;
}

const pageOf = (facts: Facts, key: string): Entry | undefined => facts.entries.find((entry) => entry.is === 'page' && entry.key === key);

/** P9: what is sent after a device saw a message, or in answer to one, comes after it. */
export function writesFollowReads(facts: Facts): Finding[] {
  const highest = new Map<string, Map<string, Of<'saw'>>>();
  const seenBefore = new Map<string, Of<'saw'>>();
  for (const entry of facts.entries) {
    if (entry.is === 'saw') {
      const seen = mapIn(highest, entry.device);
      if (entry.state.seq > (seen.get(entry.conversation)?.state.seq ?? 0)) seen.set(entry.conversation, entry);
    } else if (entry.is === 'try' && entry.op === 'send') {
      const saw = highest.get(entry.device)?.get(entry.conversation);
      if (saw) seenBefore.set(entry.key, saw);
    }
  }
  return facts.acknowledged().flatMap(({ send: { attempt }, ok }) => {
    const saw = seenBefore.get(ok.key);
    if (saw && saw.state.seq >= ok.seq) return [{ what: `${attempt.device} had seen ${saw.state.seq} when it sent ${ok.seq}`, history: [saw, attempt, ok] }];
    return attempt.era === facts.era && (attempt.reply_to ?? 0) >= ok.seq ? [{ what: `${ok.seq} answers ${attempt.reply_to}`, history: [attempt, ok] }] : [];
  });
}
