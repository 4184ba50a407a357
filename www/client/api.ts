// SPDX-License-Identifier: Apache-2.0
//
// What the client library offers: every public type and interface. Read this file to use it.
//
// One `Client` is one account on one device (in a browser: one tab). State is read from signals (`.value` subscribes
// inside a component or effect, `.peek()` does not); actions are methods. State flows one way: server → store →
// signals; an action never returns state that a signal does not also show.
//
// Conventions
// - Actions return promises and reject with `Problem` (problem.ts) only. Decide by `problem.name`.
// - Values in signals are immutable and replaced when they change, so `===` tells whether to draw again.
// - Wire values (Message, Conversation, …) keep the protocol's snake_case members.
// - A signal exists for any id asked for; for what is not known its value is undefined or empty.

import type { ReadonlySignal } from '@preact/signals-core';
import type { Problem } from './problem.ts';
import type { Storage } from './storage.ts';
import type {
  Account, ConversationRow, Id, Member, Message, Presence, PublicGroup, Role, SessionInfo, Visibility,
} from './protocol.ts';

export type { PublicGroup } from './protocol.ts';

/** Where this client stands with its account. */
export type Phase =
  /** Reading storage, asking who is logged in. Show nothing yet, or a skeleton. */
  | 'starting'
  /** Nobody is logged in: show the login. `account` is null. */
  | 'anonymous'
  /** Logged in (perhaps offline, from the cache): show the application. */
  | 'in'
  /** The session ended by itself (expired, revoked, logged out elsewhere): show a login over the kept screen. Logging in
   *  as the same account goes on where it was; as another one starts clean. */
  | 'expired'
  /** The account must change its password first: show that page; `changePassword` leads on to 'in'. */
  | 'password';

/** The live link, as one quiet line can tell it. */
export type Connection =
  /** Not connected yet, or reconnecting and not yet known to be offline. */
  | { readonly state: 'connecting' }
  /** Live. `over` is 'http' when WebSockets do not get through and long-poll serves instead. */
  | { readonly state: 'connected'; readonly over: 'websocket' | 'http'; readonly relay: string }
  /** No way to the server at the moment; it is tried again at `retryAt` (ms since the epoch), or at `wake()`. */
  | { readonly state: 'offline'; readonly retryAt: number }
  /** Ended, and not tried again without the person: `too_many` (this account has too many live connections; `connect()`
   *  tries again), `refused` (the server says we break the protocol: a reload may bring a newer version), `closed`
   *  (not logged in, or `close()` was called). */
  | { readonly state: 'stopped'; readonly reason: 'too_many' | 'refused' | 'closed' };

/**
 * A conversation as the list shows it: the server's row, kept up to date. One that this account is no longer in has
 * `my_role` null: it stays while a timeline of it is open or something of it is unsent, and is gone after.
 */
export interface Conversation extends ConversationRow {
  /** Time of the last message, else of the conversation's making: by it the list is sorted. */
  readonly activity: string;
  /** The unsent text on this device (or, where there is none, from another device); '' for none. */
  readonly draftText: string;
  /** Sends of this conversation that are waiting or failed. */
  readonly waiting: number;
  readonly failed: number;
}

/** A send that the server has not shown back yet. */
export interface OutboxEntry {
  readonly ref: string;
  readonly conversation: Id;
  readonly body: string;
  readonly reply_to: number | null;
  readonly thread: number | null;
  readonly mentions: readonly Id[];
  readonly attachments: readonly unknown[];
  /** When it was written, ms since the epoch by this device's clock. */
  readonly created: number;
  /** waiting: not yet handed over, or being retried · sent: stored at `seq`, its message not seen yet · failed: finally
   *  refused, `problem` says why; it waits for `retry` or `discard` and holds nothing up. */
  readonly state: 'waiting' | 'sent' | 'failed';
  readonly seq: number | null;
  readonly problem: Problem | null;
}

/** One row of a timeline: a stored message, or a pending one. `key` stays the same when the one becomes the other. */
export type TimelineItem =
  | { readonly key: string; readonly message: Message; readonly entry: null }
  | { readonly key: string; readonly message: null; readonly entry: OutboxEntry };

/** How far a message of one's own has come; null for others' messages. */
export type Delivery = 'waiting' | 'sent' | 'received' | 'read' | 'failed' | null;

/**
 * A window on one conversation's messages: one run without a gap, which is extended at either end and kept up to date by
 * live events. Open it with `client.timeline(id)` and `close()` it when it leaves the screen.
 */
export interface Timeline {
  readonly conversation: Id;
  /** Messages by `seq`, then (when `atEnd`) the pending ones in their order. */
  readonly items: ReadonlySignal<readonly TimelineItem[]>;
  /** Nothing has been shown yet: draw a skeleton. */
  readonly loading: ReadonlySignal<boolean>;
  readonly loadingOlder: ReadonlySignal<boolean>;
  readonly loadingNewer: ReadonlySignal<boolean>;
  /** The window holds the first message that may be seen. */
  readonly atStart: ReadonlySignal<boolean>;
  /** The window reaches the newest message, and new ones appear in it. */
  readonly atEnd: ReadonlySignal<boolean>;
  /** The last load failed; the next load clears it. */
  readonly problem: ReadonlySignal<Problem | null>;
  /** Every other member (up to RECEIPTS_MAX_MEMBERS of protocol.ts) has read, or received, up to here; 0 where receipts are not told. */
  readonly readUpTo: ReadonlySignal<number>;
  readonly receivedUpTo: ReadonlySignal<number>;
  /** The tick for an item. Reads `readUpTo` and `receivedUpTo`, so it subscribes. */
  delivery(item: TimelineItem): Delivery;
  /** The message with this seq, if the window holds it. */
  message(seq: number): Message | undefined;
  /** Like `message`, and fetches it (without moving the window) when it is not held: for reply quotes. */
  quote(seq: number): ReadonlySignal<Message | null | undefined>;
  /** Extend the window. Repeated calls while one is under way are one. Resolves also on failure (see `problem`). */
  loadOlder(count?: number): Promise<void>;
  loadNewer(count?: number): Promise<void>;
  /** Put the window around a seq: for permalinks, reply quotes, the first unread. Keeps it if it is held already. */
  loadAround(seq: number): Promise<void>;
  /** Put the window at the newest message. */
  loadNewest(): Promise<void>;
  /** Let go of it; the store keeps the newest messages only. */
  close(): void;
}

/** A conversation's members, loaded page by page and kept up to date by live events. */
export interface Members {
  readonly conversation: Id;
  /** Owners, then admins, then members, each by account id. */
  readonly list: ReadonlySignal<readonly Member[]>;
  readonly loading: ReadonlySignal<boolean>;
  readonly complete: ReadonlySignal<boolean>;
  readonly problem: ReadonlySignal<Problem | null>;
  /** Load the next page; a no-op when complete. */
  loadMore(): Promise<void>;
  close(): void;
}

export interface Draft {
  readonly text: string;
  readonly reply_to: number | null;
}

export interface SendInput {
  readonly body: string;
  readonly reply_to?: number | null;
  readonly thread?: number | null;
  readonly mentions?: readonly Id[];
  readonly attachments?: readonly unknown[];
}

export interface GroupInput {
  readonly title: string;
  readonly members?: readonly Id[];
  readonly visibility: Visibility;
}

export interface GroupPatch {
  readonly title?: string;
  readonly topic?: string | null;
  readonly avatar?: string | null;
  readonly visibility?: Visibility;
  readonly retention_days?: number | null;
  readonly archived?: boolean;
}

/** One's own settings in a conversation. */
export interface SettingsPatch {
  readonly notify?: 'all' | 'mentions' | 'none';
  readonly muted_until?: string | null;
  readonly favourite?: boolean;
}

/** A page of a listing; `next` is what to pass as `after` for the following page, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** A message that has just arrived live (not history, not what was caught up): for notices, sounds and bots. */
export interface Arrival {
  readonly message: Message;
  /** Sent by this account (on any device). */
  readonly own: boolean;
  /** It names this account. */
  readonly mentioned: boolean;
  /** Came while catching up after time away, so the person may have seen it elsewhere. */
  readonly late: boolean;
}

export interface Totals {
  /** Unread messages over all conversations that are not muted. */
  readonly unread: number;
  /** Mentions, and unread messages in direct conversations. */
  readonly mentions: number;
  /** Sends that have not reached the server: "Offline: 2 messages waiting". */
  readonly waiting: number;
  readonly failed: number;
}


export interface ClientOptions {
  /** The origin, for example `https://chat.example`; in a browser `location.origin`. */
  readonly origin: string;
  /** Where cache, drafts and outbox are kept: `memoryStorage()` (default), or `idbStorage()` in a browser. */
  readonly storage?: Storage;
  /** A bearer token (bots, node). Without it the session cookie is relied on. */
  readonly token?: string;
  /** Names this program in `hello` and to the server's operator, for example `web 1.0`. */
  readonly name?: string;
  /** Share one link between the tabs of a profile (needs BroadcastChannel; default false). */
  readonly tabs?: boolean;
  /** Use only this transport (tests, diagnosis). */
  readonly only?: 'websocket' | 'http';
  /** While WebSockets do not get through: when to try them again, ms; each later pause is longer. Default 60,000. */
  readonly retryWebSocketMs?: number;
  /** Told of what is worth a log line: malformed events, failed storage, every change of transport. */
  readonly log?: (line: string) => void;
}

export interface Client {
  // ---- state --------------------------------------------------------------------------------------------------------

  readonly phase: ReadonlySignal<Phase>;
  /** One's own account; kept while 'expired'. */
  readonly account: ReadonlySignal<Account | null>;
  readonly connection: ReadonlySignal<Connection>;
  /** This tab holds the link for all tabs of the profile: the one to show desktop notices. */
  readonly leading: ReadonlySignal<boolean>;
  /** The list is from the server or the cache (then it may be shown), else still unknown. */
  readonly loaded: ReadonlySignal<boolean>;
  /** All conversations, newest activity first. */
  readonly conversations: ReadonlySignal<readonly Conversation[]>;
  /** Only their ids in the same order: changes only when the order does. */
  readonly conversationIds: ReadonlySignal<readonly Id[]>;
  readonly totals: ReadonlySignal<Totals>;
  /** All pending sends, oldest first. */
  readonly outbox: ReadonlySignal<readonly OutboxEntry[]>;

  conversation(id: Id): ReadonlySignal<Conversation | undefined>;
  /** Also of a conversation that is not in the list yet (a pasted address): it is fetched; `problem` says if it is not ours. */
  timeline(conversation: Id): Timeline;
  members(conversation: Id): Members;
  /** An account by id; the first read fetches it (in batches with others, cached in storage). */
  person(id: Id): ReadonlySignal<Account | undefined>;
  /** Presence of an account. While anything subscribes to the signal it is watched on the server; nothing else is needed. */
  presence(id: Id): ReadonlySignal<Presence | undefined>;
  /** Who else is typing there now. */
  typing(conversation: Id): ReadonlySignal<readonly Id[]>;
  draft(conversation: Id): ReadonlySignal<Draft>;

  /** Call `listener` for each message that arrives; returns what stops it. */
  onArrival(listener: (arrival: Arrival) => void): () => void;

  // ---- life ---------------------------------------------------------------------------------------------------------

  /** Read the cache, find out who is logged in, connect. Resolves when `phase` is no longer 'starting'. */
  start(): Promise<void>;
  /** The network came back, or the tab became visible: check the link now. Cheap; call it freely. */
  wake(): void;
  /** The page may be gone in a moment: tell and write now what waits for company. */
  flush(): void;
  /** Try again after `stopped`. */
  connect(): void;
  /** Stop everything and write what is unsaved. The client cannot be used afterwards. */
  close(): Promise<void>;

  // ---- session ------------------------------------------------------------------------------------------------------

  /** Make an account. Does not log in. */
  register(input: { login: string; password: string; display_name: string; invite?: string }): Promise<Account>;
  /** Log in and go to 'in' (or 'password'). With `bearer`, the token is kept in this client and returned. */
  login(input: { login: string; password: string; bearer?: boolean }): Promise<{ account: Account; token: string | null }>;
  /** Sends, and drafts that the server has not got: `logout()` would lose them, ask before. */
  unsent(): { entries: number; drafts: number };
  /** End the session and forget everything of this account on this device. */
  logout(): Promise<void>;
  changePassword(current: string, next: string): Promise<void>;
  updateProfile(patch: { display_name?: string; avatar?: string | null }): Promise<Account>;
  sessions(): Promise<readonly SessionInfo[]>;
  revokeSession(id: Id): Promise<void>;

  // ---- messages -----------------------------------------------------------------------------------------------------

  /** Put a message into the outbox: durable on this device when the promise resolves, shown at once. Returns its `ref`. */
  send(conversation: Id, input: SendInput): Promise<string>;
  /** Try a failed entry again (same `ref`, at the end of its conversation's queue). */
  retry(ref: string): Promise<void>;
  discard(ref: string): Promise<void>;
  /** Change an own message. With `mod` (of the state the edit was based on): rejects with `conflict` if it changed since. */
  edit(conversation: Id, seq: number, body: string, mod?: number): Promise<void>;
  remove(conversation: Id, seq: number): Promise<void>;
  react(conversation: Id, seq: number, emoji: string, on: boolean): Promise<void>;
  pin(conversation: Id, seq: number, on: boolean): Promise<void>;
  /** Everything up to `seq` has been seen. Shown at once, sent coalesced, kept until the server has it. */
  read(conversation: Id, seq: number): void;
  /** Call on each key press (it is throttled), and with false when the composer is emptied. */
  setTyping(conversation: Id, on: boolean): void;
  /** Keep unsent text: stored on this device at once, on the server for other devices a little later. */
  setDraft(conversation: Id, draft: Draft | null): void;
  /** `away` and `online` are this device's; the other members are the account's and stay. */
  setStatus(state: 'online' | 'away' | 'dnd' | 'invisible', extra?: { text?: string; emoji?: string }): void;
  /** Watch these as well as what is subscribed to by `presence()` (bots). Replaces the previous set. */
  watch(accounts: readonly Id[]): void;

  // ---- conversations and people -------------------------------------------------------------------------------------

  /** The direct conversation with an account, made if need be (one's own id: notes to self). */
  direct(account: Id): Promise<Id>;
  createGroup(input: GroupInput): Promise<Id>;
  updateGroup(id: Id, patch: GroupPatch): Promise<void>;
  deleteGroup(id: Id): Promise<void>;
  joinGroup(id: Id): Promise<void>;
  leaveGroup(id: Id): Promise<void>;
  addMembers(id: Id, accounts: readonly Id[], role?: Role): Promise<void>;
  setRole(id: Id, account: Id, role: Role): Promise<void>;
  removeMember(id: Id, account: Id): Promise<void>;
  updateSettings(id: Id, patch: SettingsPatch): Promise<void>;
  searchPeople(query: string, after?: string): Promise<Page<Account>>;
  searchGroups(query: string, after?: string): Promise<Page<PublicGroup>>;

  /** The HTTP layer, for requests that have no method here (the admin pages): paths under `/api/`. */
  request<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
}
