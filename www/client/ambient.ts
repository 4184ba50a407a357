// SPDX-License-Identifier: Apache-2.0
//
// What passes: who is typing, who is there. Never stored, never replayed; the last word counts.

import { signal, type ReadonlySignal, type Signal } from '@preact/signals-core';
import type { Id, Presence } from './protocol.ts';
import { Timer } from './timing.ts';

const TYPING_MS = 6_000;

export class Typing {
  readonly #signals = new Map<Id, Signal<readonly Id[]>>();
  readonly #timers = new Map<string, Timer>();

  of(conversation: Id): ReadonlySignal<readonly Id[]> {
    return this.#signal(conversation);
  }

  set(conversation: Id, account: Id, on: boolean): void {
    const key = `${conversation}/${account}`;
    const timer = this.#timers.get(key) ?? new Timer();
    const others = this.#signal(conversation).peek().filter((id) => id !== account);
    if (on) {
      this.#timers.set(key, timer);
      timer.set(TYPING_MS, () => this.set(conversation, account, false));
      if (others.length === this.#signal(conversation).peek().length) this.#signal(conversation).value = [...others, account];
    } else {
      timer.clear();
      if (this.#timers.delete(key)) this.#signal(conversation).value = others;
    }
  }

  clear(): void {
    for (const timer of this.#timers.values()) timer.clear();
    this.#timers.clear();
    for (const s of this.#signals.values()) s.value = [];
  }

  #signal(conversation: Id): Signal<readonly Id[]> {
    let s = this.#signals.get(conversation);
    if (s === undefined) this.#signals.set(conversation, (s = signal<readonly Id[]>([])));
    return s;
  }
}

const MOST_WATCHED = 500;
const MOST_SEEN = 200;

export class PresenceMap {
  readonly #signals = new Map<Id, Signal<Presence | undefined>>();
  readonly #subscribed = new Set<Id>();
  #named: readonly Id[] = [];
  readonly #seen = new Set<Id>();
  readonly #onWatch: () => void;

  /** `onWatch`: the set of watched accounts has changed. */
  constructor(onWatch: () => void) {
    this.#onWatch = onWatch;
  }

  /** An account's presence; it is watched while anything subscribes to the signal. */
  of(account: Id): ReadonlySignal<Presence | undefined> {
    let s = this.#signals.get(account);
    if (s === undefined) {
      s = signal<Presence | undefined>(undefined, {
        watched: () => this.#watch(account, true),
        unwatched: () => this.#watch(account, false),
      });
      this.#signals.set(account, s);
    }
    return s;
  }

  set(presence: Presence): void {
    (this.of(presence.account) as Signal<Presence | undefined>).value = presence;
  }

  /** Watch these besides what is subscribed to. */
  name(accounts: readonly Id[]): void {
    this.#named = [...accounts];
    this.#onWatch();
  }

  /** Its name was shown: one of the last of these is watched too, so that a new name comes. */
  see(account: Id): void {
    if (this.#seen.has(account)) return;
    this.#seen.add(account);
    if (this.#seen.size > MOST_SEEN) this.#seen.delete(this.#seen.values().next().value!);
    this.#onWatch();
  }

  get watched(): readonly Id[] {
    return [...new Set([...this.#subscribed, ...this.#named, ...this.#seen])].slice(0, MOST_WATCHED);
  }

  #watch(account: Id, on: boolean): void {
    if (on) this.#subscribed.add(account);
    else this.#subscribed.delete(account);
    this.#onWatch();
  }
}
