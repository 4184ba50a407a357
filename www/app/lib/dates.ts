// SPDX-License-Identifier: Apache-2.0
//
// Dates as people say them, in the device's zone. `today` changes at local
// midnight and when the device wakes up, and everything that shows a day
// depends on it.

import { signal } from '@preact/signals';
import { t } from '../strings/index.ts';

const dayMs = 86_400_000;
const words = 'en-GB';
const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const hour12 = clock.resolvedOptions().hour12 ?? false;
const timeFormat = new Intl.DateTimeFormat(hour12 ? 'en-US' : words, { hour: hour12 ? 'numeric' : '2-digit', minute: '2-digit', hour12 });
const dayFormat = new Intl.DateTimeFormat(words, { weekday: 'short', day: 'numeric', month: 'short' });
const longDayFormat = new Intl.DateTimeFormat(words, { weekday: 'long', day: 'numeric', month: 'long' });
const yearDayFormat = new Intl.DateTimeFormat(words, { day: 'numeric', month: 'short', year: 'numeric' });
const exactFormat = new Intl.DateTimeFormat(words, { dateStyle: 'full', timeStyle: 'medium' });

/** The start of a day: local midnight, in milliseconds. */
export function dayOf(time: number): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

export const today = signal(dayOf(Date.now()));

function daysAgo(time: number): number {
  return Math.round((today.value - dayOf(time)) / dayMs);
}

export function timeOf(time: number): string {
  return timeFormat.format(time);
}

/** "Today", "Yesterday", "Monday 3 November", "3 Nov 2024". */
export function dayName(time: number): string {
  const ago = daysAgo(time);
  if (ago === 0) return t.today;
  if (ago === 1) return t.yesterday;
  return ago < 300 ? longDayFormat.format(time).replace(',', '') : yearDayFormat.format(time);
}

/** For lists: the time today, else "Yesterday", "Mon 3 Nov", "3 Nov 2024". */
export function shortWhen(time: number): string {
  const ago = daysAgo(time);
  if (ago === 0) return timeOf(time);
  if (ago === 1) return t.yesterday;
  return ago < 300 ? dayFormat.format(time).replace(',', '') : yearDayFormat.format(time);
}

/** "10:32" today, else the day and the time. */
export function when(time: number): string {
  return daysAgo(time) === 0 ? timeOf(time) : t.dayAndTime(shortWhen(time), timeOf(time));
}

export function exactly(time: number): string {
  return exactFormat.format(time);
}

function tick(): void {
  const now = dayOf(Date.now());
  if (now !== today.peek()) today.value = now;
}

function waitForMidnight(): void {
  const next = new Date();
  next.setHours(24, 0, 0, 250);
  setTimeout(() => {
    tick();
    waitForMidnight();
  }, Math.min(next.getTime() - Date.now(), 2 ** 31 - 1));
}

export function startCalendar(): void {
  waitForMidnight();
  document.addEventListener('visibilitychange', tick);
  addEventListener('focus', tick);
}
