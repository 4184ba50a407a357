// SPDX-License-Identifier: Apache-2.0
//
// Pure: turns a run of messages into days of rows. A row says whether it begins
// a group (another sender, five minutes later, a reply, after a line) and
// whether the unread begin above it.

import type { Message, OutboxEntry, TimelineItem } from '../../client/index.ts';
import { dayOf } from '../lib/dates.ts';

export interface Row {
  item: TimelineItem;
  /** Shows picture and name. */
  head: boolean;
  /** The unread begin above this row. */
  newLine: boolean;
  time: number;
}

export interface Day {
  day: number;
  rows: Row[];
}

const groupMs = 5 * 60_000;

export function seqOf(item: TimelineItem): number {
  return item.message ? item.message.seq : Number.POSITIVE_INFINITY;
}

function timeOf(item: TimelineItem): number {
  return item.message ? Date.parse(item.message.time) : item.entry.created;
}

function senderOf(item: TimelineItem, me: string): string {
  return item.message ? item.message.sender : me;
}

function part(item: TimelineItem): Message | OutboxEntry {
  return item.message ?? item.entry;
}

function continues(item: TimelineItem, before: TimelineItem, me: string): boolean {
  if (item.message?.kind === 'system' || before.message?.kind === 'system') return false;
  if (part(item).reply_to !== null) return false;
  if (senderOf(item, me) !== senderOf(before, me)) return false;
  return timeOf(item) - timeOf(before) < groupMs;
}

/** Rows of items[start, end) by day. `unreadFrom`: the first unread seq, or null. */
export function daysOf(items: readonly TimelineItem[], start: number, end: number, me: string, unreadFrom: number | null): Day[] {
  const days: Day[] = [];
  let lineDrawn = unreadFrom === null || (start > 0 && seqOf(items[start - 1]!) >= unreadFrom);
  for (let index = start; index < end; index += 1) {
    const item = items[index]!;
    const time = timeOf(item);
    const day = dayOf(time);
    const before = index > 0 ? items[index - 1]! : null;
    const newLine = !lineDrawn && seqOf(item) >= unreadFrom! && item.message !== null && item.message.sender !== me;
    lineDrawn ||= newLine;
    let last = days[days.length - 1];
    if (!last || last.day !== day) {
      last = { day, rows: [] };
      days.push(last);
    }
    const newDay = last.rows.length === 0 && (!before || dayOf(timeOf(before)) !== day);
    const head = !before || newDay || newLine || !continues(item, before, me);
    last.rows.push({ item, head, newLine, time });
  }
  return days;
}

/** Where an item with this seq is, or would be: items are in order of seq, pending ones last. */
export function indexOfSeq(items: readonly TimelineItem[], seq: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (seqOf(items[middle]!) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
