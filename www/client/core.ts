// SPDX-License-Identifier: Apache-2.0
//
// What the leading and the following tab share, and what they say to each other.
//
// The leader holds the link and the outbox and tells every event on; a follower applies them to a store of its own, by the
// same rules. Notes of one tab arrive in order. A follower begins from what the leader has just saved (sync), so that no
// event between is missed.

import type { Signal } from '@preact/signals-core';
import type { Connection, Draft } from './api.ts';
import type { Drafts } from './drafts.ts';
import type { Fetcher } from './fetcher.ts';
import type { Http } from './http.ts';
import type { Keeper } from './keeper.ts';
import type { LinkOptions, Request, Sent } from './link.ts';
import type { Entry } from './outbox.ts';
import type { Account, Command, Event, Id, ProblemDocument } from './protocol.ts';
import type { How, Store } from './store.ts';

export type Note =
  /** Leader: I lead, or what you hold is void: sync. */
  | { readonly kind: 'leader' }
  /** Follower: save, and tell me when that is done. */
  | { readonly kind: 'sync' }
  | { readonly kind: 'synced'; readonly connection: Connection; readonly entries: readonly Entry[] }
  | { readonly kind: 'events'; readonly events: readonly Event[]; readonly how: How }
  | { readonly kind: 'ready'; readonly accountMod: number }
  | { readonly kind: 'connection'; readonly connection: Connection }
  | { readonly kind: 'entry'; readonly ref: string; readonly entry: Entry | undefined }
  | { readonly kind: 'read'; readonly conversation: Id; readonly seq: number }
  /** Leader: the session is over. */
  | { readonly kind: 'denied' }
  /** Follower: run this; `answer` comes back. */
  | { readonly kind: 'request'; readonly command: Request }
  | { readonly kind: 'answer'; readonly ref: string; readonly sent: Sent | null; readonly problem: ProblemDocument | null }
  | { readonly kind: 'tell'; readonly command: Command }
  | { readonly kind: 'enqueue'; readonly entry: Entry }
  | { readonly kind: 'retry' | 'discard' | 'shown'; readonly ref: string }
  | { readonly kind: 'watch'; readonly accounts: readonly Id[] }
  | { readonly kind: 'wake' | 'connect' | 'closing' }
  /** Any tab: the person changed this draft here. */
  | { readonly kind: 'draft'; readonly conversation: Id; readonly draft: Draft };

/** What a role works on. */
export interface Core {
  readonly http: Http;
  readonly store: Store;
  readonly keeper: Keeper;
  readonly fetcher: Fetcher;
  readonly drafts: Drafts;
  readonly account: Signal<Account>;
  readonly connection: Signal<Connection>;
  readonly link: Pick<LinkOptions, 'name' | 'only' | 'firstPauseMs' | 'connect'>;
  readonly tabId: string;
  post(to: string | null, note: Note): void;
  log(line: string): void;
  /** The session is over, or is another account's. */
  denied(): void;
  /** The server refuses our hello: find out why. */
  refused(): void;
  /** Take the leader's place. */
  takeOver(): void;
}

/** What a tab does with commands and entries, whichever role it has. */
export interface Role {
  request(command: Request): Promise<Sent>;
  /** Stop repeating a request. */
  drop(ref: string): void;
  tell(command: Command): void;
  /** Durable when it resolves. */
  add(entry: Entry): Promise<void>;
  retry(ref: string): void;
  discard(ref: string): void;
  shown(ref: string): void;
  watchChanged(): void;
  wake(): void;
  connect(): void;
  /** Everything held is void (another epoch): begin anew. */
  reset(): void;
  onNote(from: string, note: Note): void;
  close(): void;
}
