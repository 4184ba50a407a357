// SPDX-License-Identifier: Apache-2.0
//
// Accounts by id: fetched in batches when first asked for, kept in storage, asked for again when old, or when a presence
// says that the profile has changed since.

import { signal, type ReadonlySignal, type Signal } from '@preact/signals-core';
import type { Http } from './http.ts';
import type { Keeper } from './keeper.ts';
import { decodeAccount, decodePage, type Account, type Id } from './protocol.ts';
import { Timer } from './timing.ts';

const BATCH = 200;
const GATHER_MS = 15;
const OLD_MS = 10 * 60_000;
const RETRY_MS = 5_000;

export class People {
  readonly #http: Http;
  readonly #keeper: Keeper;
  readonly #signals = new Map<Id, Signal<Account | undefined>>();
  readonly #fetchedAt = new Map<Id, number>();
  /** The highest profile_mod heard of. */
  readonly #mods = new Map<Id, number>();
  readonly #onShown: (id: Id) => void;
  readonly #wanted = new Set<Id>();
  readonly #timer = new Timer();

  /** `onShown`: this account is asked for by something on the screen. */
  constructor(http: Http, keeper: Keeper, onShown: (id: Id) => void) {
    this.#http = http;
    this.#keeper = keeper;
    this.#onShown = onShown;
  }

  /** Take over what storage holds; it is shown, and refreshed when asked for. */
  load(accounts: readonly Account[]): void {
    for (const account of accounts) if (!this.#fetchedAt.has(account.id)) this.#signal(account.id).value = account;
  }

  of(id: Id): ReadonlySignal<Account | undefined> {
    const s = this.#signal(id);
    this.#onShown(id);
    if (Date.now() - (this.#fetchedAt.get(id) ?? 0) > OLD_MS) this.#want(id);
    return s;
  }

  /** The profile has this mod now: what was read at a lower one is old. */
  at(id: Id, mod: number): void {
    if (mod <= (this.#mods.get(id) ?? 0)) return;
    this.#mods.set(id, mod);
    if (this.#signals.has(id)) this.#want(id);
  }

  /** Accounts that came in some answer. */
  learn(accounts: readonly Account[]): void {
    const now = Date.now();
    const changed = accounts.filter((account) => !same(account, this.#signal(account.id).peek()));
    for (const account of accounts) this.#fetchedAt.set(account.id, now);
    for (const account of changed) this.#signal(account.id).value = account;
    if (changed.length > 0) void this.#keeper.person(changed);
  }

  close(): void {
    this.#timer.clear();
    this.#wanted.clear();
  }

  #signal(id: Id): Signal<Account | undefined> {
    let s = this.#signals.get(id);
    if (s === undefined) this.#signals.set(id, (s = signal<Account | undefined>(undefined)));
    return s;
  }

  #want(id: Id): void {
    this.#fetchedAt.set(id, Date.now());
    this.#wanted.add(id);
    this.#timer.setOnce(GATHER_MS, () => void this.#fetch());
  }

  async #fetch(): Promise<void> {
    const ids = [...this.#wanted].slice(0, BATCH);
    for (const id of ids) this.#wanted.delete(id);
    try {
      const path = `/api/accounts?ids=${ids.join(',')}`;
      this.learn((await this.#http.request('GET', path, { decode: decodePage('accounts', decodeAccount), tries: 2 })).items);
    } catch {
      for (const id of ids) this.#fetchedAt.set(id, Date.now() - OLD_MS + RETRY_MS);
    }
    if (this.#wanted.size > 0) this.#timer.setOnce(GATHER_MS, () => void this.#fetch());
  }
}

function same(a: Account, b: Account | undefined): boolean {
  return b !== undefined && a.login === b.login && a.display_name === b.display_name && a.avatar === b.avatar && a.deactivated === b.deactivated;
}
