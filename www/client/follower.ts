// SPDX-License-Identifier: Apache-2.0
//
// A tab that lets another one hold the link.
//
// Invariant: between asking for a sync and having read what the leader saved, events are kept aside; so the store never
// skips one. A leader that does not answer is replaced.

import type { Core, Note, Role } from './core.ts';
import type { Request, Sent } from './link.ts';
import type { Entry } from './outbox.ts';
import { Problem, stopped } from './problem.ts';
import type { Command } from './protocol.ts';
import { deferred, Timer, type Deferred } from './timing.ts';

const SYNC_MS = 3_000;
const SYNC_TRIES = 3;
const WATCH_MS = 100;

export class Follower implements Role {
  readonly #core: Core;
  readonly #requests = new Map<string, { readonly command: Request; readonly deferred: Deferred<Sent> }>();
  readonly #timer = new Timer();
  readonly #watch = new Timer();
  /** Events since the sync was asked for; null: in step with the leader. */
  #aside: Note[] | null = [];
  #tries = 0;

  constructor(core: Core) {
    this.#core = core;
    this.#sync();
  }

  // ---- Role ---------------------------------------------------------------------------------------------------------

  request(command: Request): Promise<Sent> {
    const pending = { command, deferred: deferred<Sent>() };
    this.#requests.set(command.ref, pending);
    this.#core.post(null, { kind: 'request', command });
    return pending.deferred.promise;
  }

  drop(ref: string): void {
    this.#requests.get(ref)?.deferred.reject(stopped());
    this.#requests.delete(ref);
  }

  tell(command: Command): void {
    this.#core.post(null, { kind: 'tell', command });
  }

  async add(entry: Entry): Promise<void> {
    this.#core.store.showEntry(entry.ref, entry);
    await this.#core.keeper.entry(entry.ref, entry);
    this.#core.post(null, { kind: 'enqueue', entry });
  }

  retry(ref: string): void {
    this.#core.post(null, { kind: 'retry', ref });
  }

  discard(ref: string): void {
    this.#core.post(null, { kind: 'discard', ref });
  }

  shown(ref: string): void {
    this.#core.post(null, { kind: 'shown', ref });
  }

  watchChanged(): void {
    this.#watch.setOnce(WATCH_MS, () => this.#core.post(null, { kind: 'watch', accounts: this.#core.store.presence.watched }));
  }

  wake(): void {
    this.#core.post(null, { kind: 'wake' });
  }

  connect(): void {
    this.#core.post(null, { kind: 'connect' });
  }

  /** The leader sees the new epoch by itself. */
  reset(): void {}

  close(): void {
    this.#timer.clear();
    this.#watch.clear();
    this.#core.post(null, { kind: 'closing' });
    for (const { deferred } of this.#requests.values()) deferred.reject(stopped());
  }

  onNote(from: string, note: Note): void {
    switch (note.kind) {
      case 'leader':
        return this.#sync();
      case 'synced':
        return void this.#onSynced(from, note);
      case 'answer':
        return this.#onAnswer(note);
      case 'denied':
        return this.#core.denied();
      case 'events':
      case 'ready':
      case 'connection':
      case 'entry':
      case 'read':
        if (this.#aside !== null) this.#aside.push(note);
        else this.#take(note);
        return;
      default:
    }
  }

  // ---- in step with the leader --------------------------------------------------------------------------------------

  #sync(): void {
    this.#aside = [];
    this.#tries = 0;
    for (const { command } of this.#requests.values()) this.#core.post(null, { kind: 'request', command });
    this.#ask();
  }

  #ask(): void {
    if (++this.#tries > SYNC_TRIES) return this.#core.takeOver();
    this.#core.post(null, { kind: 'sync' });
    this.#timer.set(SYNC_MS, () => this.#ask());
  }

  async #onSynced(_from: string, note: Extract<Note, { kind: 'synced' }>): Promise<void> {
    const aside = this.#aside;
    if (aside === null) return;
    this.#timer.clear();
    const { store, keeper, fetcher, connection } = this.#core;
    const saved = await keeper.rooms();
    if (this.#aside !== aside) return;
    if (saved !== null) store.merge(saved.epoch, saved.accountMod, saved.rooms);
    else if (!store.loaded.peek()) await fetcher.readList().catch(() => {});
    if (this.#aside !== aside) return;
    await this.#takeEntries(note.entries);
    if (this.#aside !== aside) return;
    connection.value = note.connection;
    this.#aside = null;
    for (const kept of aside) this.#take(kept);
    this.watchChanged();
  }

  /** The leader's outbox is the truth; what it has not heard of yet lies in storage, else it is gone. */
  async #takeEntries(entries: readonly Entry[]): Promise<void> {
    const { store, keeper } = this.#core;
    const known = new Set(entries.map((entry) => entry.ref));
    const unknown = store.outbox.peek().filter((entry) => !known.has(entry.ref));
    for (const entry of entries) store.showEntry(entry.ref, entry);
    if (unknown.length === 0) return;
    const stored = new Set((await keeper.entries()).map((entry) => entry.ref));
    for (const entry of unknown) {
      if (stored.has(entry.ref)) this.#core.post(null, { kind: 'enqueue', entry });
      else store.showEntry(entry.ref, undefined);
    }
  }

  #take(note: Note): void {
    const { store, connection } = this.#core;
    switch (note.kind) {
      case 'events':
        return store.apply(note.events, note.how);
      case 'ready':
        return store.ready(note.accountMod);
      case 'connection':
        connection.value = note.connection;
        return;
      case 'entry':
        return store.showEntry(note.ref, note.entry);
      case 'read':
        store.markRead(note.conversation, note.seq);
        return;
      default:
    }
  }

  #onAnswer({ ref, sent, problem }: Extract<Note, { kind: 'answer' }>): void {
    const pending = this.#requests.get(ref);
    this.#requests.delete(ref);
    if (sent !== null) pending?.deferred.resolve(sent);
    else if (problem !== null) pending?.deferred.reject(new Problem(problem));
  }
}
