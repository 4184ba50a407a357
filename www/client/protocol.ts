// SPDX-License-Identifier: Apache-2.0
//
// The wire: types of everything the server says, and decoders for it.
//
// Job: turn parsed JSON into typed values. What is not decoded here never reaches the store.
// Invariants: a decoder returns a fresh, complete value (members that the wire leaves out get their empty value) and
// copies known members only, so a hostile or newer server cannot smuggle anything into the state. Unknown event types
// decode to null and are ignored; unknown members are dropped.
// Refuses: a missing or ill-typed required member, by throwing DecodeError.

/**
 * Receipts and typing are told in conversations up to this many members: the server's `receipts_max_members` as shipped.
 * The protocol does not say another; a receipt too many is ignored.
 */
export const RECEIPTS_MAX_MEMBERS = 100;

/** An id: a 64-bit number as a decimal string. */
export type Id = string;

/** An account as the server shows it to itself or to others. */
export interface Account {
  readonly id: Id;
  readonly login: string;
  readonly display_name: string;
  readonly avatar: string | null;
  /** May open the admin pages. Only in one's own account. */
  readonly admin: boolean;
  /** Everything but the password page is refused until it is changed. Only in one's own account. */
  readonly must_change_password: boolean;
  readonly deactivated: boolean;
}

export interface Reaction {
  readonly emoji: string;
  readonly count: number;
  /** At most 100 of them. */
  readonly accounts: readonly Id[];
}

/** What a `system` message tells: a join, a leave, a new title. `type` names it, the rest depends on it. */
export type SystemAction = { readonly type: string } & { readonly [member: string]: unknown };

export interface Message {
  readonly conversation: Id;
  /** The place in the conversation, from 1, without a gap. */
  readonly seq: number;
  /** The conversation's change counter when this message last changed. */
  readonly mod: number;
  readonly id: Id;
  /** Shown to the sender only. */
  readonly ref: string | null;
  readonly sender: Id;
  readonly time: string;
  readonly kind: 'text' | 'system';
  readonly body: string;
  readonly reply_to: number | null;
  readonly thread: number | null;
  /** Time of the last edit, or null. */
  readonly edited: string | null;
  readonly deleted: boolean;
  readonly reactions: readonly Reaction[];
  readonly mentions: readonly Id[];
  readonly attachments: readonly unknown[];
  readonly pinned: boolean;
  readonly action: SystemAction | null;
}

export type Role = 'member' | 'admin' | 'owner';
export type ConversationKind = 'direct' | 'group';
export type Visibility = 'private' | 'public';

/** A row of the conversation list as the server sends it; an event may hold any part of it. */
export interface ConversationRow {
  readonly id: Id;
  readonly kind: ConversationKind;
  readonly title: string;
  readonly topic: string | null;
  readonly avatar: string | null;
  readonly visibility: Visibility;
  readonly archived: boolean;
  readonly retention_days: number | null;
  readonly created: string | null;
  readonly changed_mod: number;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly read_seq: number;
  readonly received_seq: number;
  readonly visible_from: number;
  readonly unread: number;
  readonly mentions: number;
  readonly last_message: Message | null;
  readonly members_count: number;
  readonly my_role: Role | null;
  /** The other account of a direct conversation (one's own in notes to self), else null. */
  readonly peer: Id | null;
  readonly notify: string;
  readonly muted_until: string | null;
  readonly favourite: boolean;
  readonly draft: string | null;
}

/** What one conversation event or change row carries: the id and whatever changed. `mod` only in whole rows. */
export type ConversationPart = { readonly id: Id; readonly mod?: number } & Partial<Omit<ConversationRow, 'id'>>;

export interface Member {
  readonly account: Id;
  readonly role: Role | null;
  readonly read_seq: number;
  readonly received_seq: number;
  readonly mod: number;
}

export type PresenceState = 'online' | 'away' | 'dnd' | 'offline';

export interface Presence {
  readonly account: Id;
  /** Grows when the account has another name or picture; 0 while it has its first. */
  readonly profile_mod: number;
  readonly state: PresenceState;
  readonly text: string | null;
  readonly emoji: string | null;
  readonly last_seen: string | null;
}

/** A problem document (RFC 9457) as it comes over HTTP or inside `failed`. */
export interface ProblemDocument {
  /** `urn:parley:name`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly retry_after: number | null;
}

export interface RelayInfo {
  readonly name: string;
  /** A path of this origin; `/ws` or `/poll` is appended. */
  readonly url: string;
  readonly region: string;
  readonly load: number;
}

export interface SessionInfo {
  readonly id: Id;
  readonly device: string;
  readonly created: string;
  readonly last_seen: string;
  readonly expires: string;
  readonly current: boolean;
}

export type Event =
  | { readonly type: 'welcome'; readonly session: Id; readonly account: Account; readonly account_mod: number; readonly relay: string; readonly epoch: string; readonly heartbeat: number; readonly time: string }
  | { readonly type: 'reset' }
  | { readonly type: 'ready' }
  | { readonly type: 'behind' }
  | { readonly type: 'bye'; readonly reason: string; readonly reconnect_ms: number }
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'conversation'; readonly conversation: ConversationPart; readonly account_mod: number | null }
  | { readonly type: 'member'; readonly conversation: Id; readonly account: Id; readonly role: Role | null; readonly mod: number }
  | { readonly type: 'left'; readonly conversation: Id; readonly account: Id; readonly mod: number; readonly account_mod: number | null }
  | { readonly type: 'read'; readonly conversation: Id; readonly account: Id; readonly seq: number; readonly account_mod: number | null }
  | { readonly type: 'received'; readonly conversation: Id; readonly account: Id; readonly seq: number }
  | { readonly type: 'account'; readonly account: Account; readonly account_mod: number }
  | { readonly type: 'draft'; readonly conversation: Id; readonly text: string; readonly account_mod: number }
  | { readonly type: 'typing'; readonly conversation: Id; readonly account: Id; readonly on: boolean }
  | { readonly type: 'presence'; readonly presence: Presence }
  | { readonly type: 'sent'; readonly ref: string; readonly conversation: Id; readonly id: Id; readonly seq: number; readonly mod: number; readonly time: string }
  | { readonly type: 'failed'; readonly ref: string | null; readonly command: string; readonly error: ProblemDocument }
  | { readonly type: 'pong'; readonly n: number | null; readonly time: string };

/** A command as it goes up; members that are undefined are left out by JSON. */
export type Command =
  | { type: 'hello'; token?: string; epoch?: string; account_mod?: number; resume?: Record<Id, number>; more?: boolean; client?: string }
  | { type: 'resume'; resume: Record<Id, number>; more?: boolean }
  | { type: 'send'; ref: string; conversation: Id; body: string; reply_to?: number; thread?: number; mentions?: readonly Id[]; attachments?: readonly unknown[] }
  | { type: 'edit'; ref: string; conversation: Id; seq: number; body: string; mod?: number }
  | { type: 'delete'; ref: string; conversation: Id; seq: number; mod?: number }
  | { type: 'react' | 'unreact'; ref: string; conversation: Id; seq: number; emoji: string }
  | { type: 'pin' | 'unpin'; ref: string; conversation: Id; seq: number }
  | { type: 'read' | 'received'; conversation: Id; seq: number }
  | { type: 'typing'; conversation: Id; on: boolean }
  | { type: 'status'; state: 'online' | 'away' | 'dnd' | 'invisible'; text?: string; emoji?: string }
  | { type: 'watch'; accounts: readonly Id[] }
  | { type: 'ping'; n: number };

export interface HistoryPage {
  readonly messages: readonly Message[];
  readonly mod: number;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly more_before: boolean;
  readonly more_after: boolean;
}

export interface ChangesPage {
  readonly epoch: string;
  readonly conversation: ConversationPart | null;
  readonly messages: readonly Message[];
  readonly members: readonly Member[];
  readonly first_seq: number;
  readonly mod: number;
  readonly more: boolean;
}

export interface ConversationPage {
  readonly epoch: string;
  readonly account_mod: number;
  /** Whole rows, each with its `mod`. */
  readonly conversations: readonly (ConversationRow & { readonly mod: number })[];
  readonly more: boolean;
}

export interface PollAnswer {
  readonly session: string;
  readonly batch: number | null;
  readonly events: readonly unknown[];
  readonly taken: number | null;
  readonly superseded: boolean;
}

/** Thrown by decoders: the answer is not what the protocol says. */
export class DecodeError extends Error {
  override name = 'DecodeError';
}

// ---- the kit ------------------------------------------------------------------------------------------------------

type Json = { readonly [member: string]: unknown };

const fail = (what: string): never => {
  throw new DecodeError(`not the protocol: ${what}`);
};

/** The value as an object, or DecodeError. */
export function object(x: unknown, what = 'object'): Json {
  return typeof x === 'object' && x !== null && !Array.isArray(x) ? (x as Json) : fail(what);
}

/** The value as an array, each element decoded; null and undefined are an empty one. */
export function list<T>(x: unknown, item: (x: unknown) => T): T[] {
  if (x === undefined || x === null) return [];
  return Array.isArray(x) ? x.map(item) : fail('array');
}

const own = (o: Json, k: string): unknown => (Object.hasOwn(o, k) ? o[k] : undefined);

const text = (o: Json, k: string): string => {
  const v = own(o, k);
  return typeof v === 'string' ? v : fail(k);
};
const maybeText = (o: Json, k: string): string | null => {
  const v = own(o, k);
  return v === undefined || v === null ? null : typeof v === 'string' ? v : fail(k);
};
const whole = (o: Json, k: string): number => {
  const v = own(o, k);
  return typeof v === 'number' && Number.isSafeInteger(v) && v >= 0 ? v : fail(k);
};
const maybeWhole = (o: Json, k: string): number | null => {
  const v = own(o, k);
  return v === undefined || v === null ? null : whole(o, k);
};
const amount = (o: Json, k: string): number => {
  const v = own(o, k);
  return typeof v === 'number' && Number.isFinite(v) ? v : 0;
};
const flag = (o: Json, k: string): boolean => own(o, k) === true;

/** A decimal string of a 64-bit number, or DecodeError. */
export function id(x: unknown, what = 'id'): Id {
  return typeof x === 'string' && /^[0-9]{1,20}$/.test(x) ? x : fail(what);
}
const idOf = (o: Json, k: string): Id => id(own(o, k), k);
const maybeId = (o: Json, k: string): Id | null => {
  const v = own(o, k);
  return v === undefined || v === null ? null : id(v, k);
};
const ids = (o: Json, k: string): Id[] => list(own(o, k), (x) => id(x, k));

const oneOf = <T extends string>(o: Json, k: string, values: readonly T[]): T => {
  const v = own(o, k);
  return values.includes(v as T) ? (v as T) : fail(k);
};
const ROLES = ['member', 'admin', 'owner'] as const;
const maybeRole = (o: Json, k: string): Role | null => {
  const v = own(o, k);
  return v === undefined || v === null ? null : oneOf(o, k, ROLES);
};

// ---- values -------------------------------------------------------------------------------------------------------

export function decodeAccount(x: unknown): Account {
  const o = object(x, 'account');
  return {
    id: idOf(o, 'id'),
    login: maybeText(o, 'login') ?? '',
    display_name: text(o, 'display_name'),
    avatar: maybeText(o, 'avatar'),
    admin: flag(o, 'admin'),
    must_change_password: flag(o, 'must_change_password'),
    deactivated: flag(o, 'deactivated'),
  };
}

function decodeReaction(x: unknown): Reaction {
  const o = object(x, 'reaction');
  return { emoji: text(o, 'emoji'), count: whole(o, 'count'), accounts: ids(o, 'accounts') };
}

function decodeAction(x: unknown): SystemAction | null {
  if (x === undefined || x === null) return null;
  const o = object(x, 'action');
  return { ...o, type: text(o, 'type') };
}

export function decodeMessage(x: unknown): Message {
  const o = object(x, 'message');
  return {
    conversation: idOf(o, 'conversation'),
    seq: whole(o, 'seq'),
    mod: whole(o, 'mod'),
    id: idOf(o, 'id'),
    ref: maybeText(o, 'ref'),
    sender: idOf(o, 'sender'),
    time: text(o, 'time'),
    kind: oneOf(o, 'kind', ['text', 'system']),
    body: maybeText(o, 'body') ?? '',
    reply_to: maybeWhole(o, 'reply_to'),
    thread: maybeWhole(o, 'thread'),
    edited: maybeText(o, 'edited'),
    deleted: flag(o, 'deleted'),
    reactions: list(own(o, 'reactions'), decodeReaction),
    mentions: ids(o, 'mentions'),
    attachments: list(own(o, 'attachments'), (a) => a),
    pinned: flag(o, 'pinned'),
    action: decodeAction(own(o, 'action')),
  };
}

/** How each member of a conversation row is decoded when it is there. */
const CONVERSATION_MEMBERS: { readonly [K in keyof Omit<ConversationRow, 'id'>]: (o: Json, k: K) => ConversationRow[K] } = {
  kind: (o, k) => oneOf(o, k, ['direct', 'group']),
  title: (o, k) => maybeText(o, k) ?? '',
  topic: maybeText,
  avatar: maybeText,
  visibility: (o, k) => oneOf(o, k, ['private', 'public']),
  archived: flag,
  retention_days: maybeWhole,
  created: maybeText,
  changed_mod: whole,
  first_seq: whole,
  last_seq: whole,
  read_seq: whole,
  received_seq: whole,
  visible_from: whole,
  unread: whole,
  mentions: whole,
  last_message: (o, k) => (own(o, k) === null ? null : decodeMessage(own(o, k))),
  members_count: whole,
  my_role: maybeRole,
  peer: (o, k) => {
    const v = own(o, k);
    return typeof v === 'object' && v !== null ? idOf(object(v), 'id') : maybeId(o, k);
  },
  notify: text,
  muted_until: maybeText,
  favourite: flag,
  draft: maybeText,
};

/** Any part of a conversation row: the members that are there. */
export function decodeConversationPart(x: unknown): ConversationPart {
  const o = object(x, 'conversation');
  const part: Record<string, unknown> = { id: idOf(o, 'id') };
  for (const [k, decode] of Object.entries(CONVERSATION_MEMBERS)) {
    if (Object.hasOwn(o, k)) part[k] = (decode as (o: Json, k: string) => unknown)(o, k);
  }
  if (Object.hasOwn(o, 'mod')) part.mod = whole(o, 'mod');
  return part as ConversationPart;
}

const EMPTY_ROW: Omit<ConversationRow, 'id' | 'kind'> = {
  title: '', topic: null, avatar: null, visibility: 'private', archived: false, retention_days: null, created: null,
  changed_mod: 0, first_seq: 1, last_seq: 0, read_seq: 0, received_seq: 0, visible_from: 1, unread: 0, mentions: 0,
  last_message: null, members_count: 0, my_role: null, peer: null, notify: 'all', muted_until: null, favourite: false,
  draft: null,
};

/** A whole row of the list, with its `mod`. */
export function decodeConversation(x: unknown): ConversationRow & { readonly mod: number } {
  const part = decodeConversationPart(x);
  const { kind, mod } = part;
  if (kind === undefined || mod === undefined) return fail('conversation');
  return { ...EMPTY_ROW, ...part, kind, mod };
}

/** A member as `/api/groups/{id}/members` and `/api/changes` list it. */
export function decodeMember(x: unknown): Member {
  const o = object(x, 'member');
  const account = own(o, 'account');
  return {
    account: typeof account === 'object' && account !== null ? idOf(object(account), 'id') : idOf(o, 'account'),
    role: maybeRole(o, 'role'),
    read_seq: maybeWhole(o, 'read_seq') ?? 0,
    received_seq: maybeWhole(o, 'received_seq') ?? 0,
    mod: maybeWhole(o, 'mod') ?? 0,
  };
}

export function decodePresence(x: unknown): Presence {
  const o = object(x, 'presence');
  return {
    account: idOf(o, 'account'),
    profile_mod: maybeWhole(o, 'profile_mod') ?? 0,
    state: oneOf(o, 'state', ['online', 'away', 'dnd', 'offline']),
    text: maybeText(o, 'text'),
    emoji: maybeText(o, 'emoji'),
    last_seen: maybeText(o, 'last_seen'),
  };
}

export function decodeProblem(x: unknown): ProblemDocument {
  const o = object(x, 'problem');
  return {
    type: maybeText(o, 'type') ?? 'about:blank',
    title: maybeText(o, 'title') ?? '',
    status: whole(o, 'status'),
    detail: maybeText(o, 'detail') ?? '',
    retry_after: typeof o.retry_after === 'number' && o.retry_after >= 0 ? o.retry_after : null,
  };
}

/** A public group as the directory lists it. */
export interface PublicGroup {
  readonly id: Id;
  readonly title: string;
  readonly topic: string | null;
  readonly avatar: string | null;
  readonly members_count: number;
  /** Already a member. */
  readonly joined: boolean;
}

export function decodeGroup(x: unknown): PublicGroup {
  const o = object(x, 'group');
  return {
    id: idOf(o, 'id'), title: text(o, 'title'), topic: maybeText(o, 'topic'), avatar: maybeText(o, 'avatar'),
    members_count: maybeWhole(o, 'members_count') ?? 0, joined: maybeRole(o, 'my_role') !== null,
  };
}

function decodeRelay(x: unknown): RelayInfo {
  const o = object(x, 'relay');
  return { name: text(o, 'name'), url: text(o, 'url'), region: maybeText(o, 'region') ?? '', load: amount(o, 'load') };
}

function decodeSession(x: unknown): SessionInfo {
  const o = object(x, 'session');
  return {
    id: idOf(o, 'id'), device: maybeText(o, 'device') ?? '', created: text(o, 'created'),
    last_seen: text(o, 'last_seen'), expires: text(o, 'expires'), current: flag(o, 'current'),
  };
}

// ---- answers ------------------------------------------------------------------------------------------------------

export const decodeRelays = (x: unknown): RelayInfo[] => list(own(object(x), 'relays'), decodeRelay);
export const decodeSessions = (x: unknown): SessionInfo[] => list(own(object(x), 'sessions'), decodeSession);
export const decodeAccountAnswer = (x: unknown): Account => decodeAccount(own(object(x), 'account'));
export const decodeMessageAnswer = (x: unknown): Message => decodeMessage(own(object(x), 'message'));
export const decodeConversationAnswer = (x: unknown): ConversationPart => decodeConversationPart(own(object(x), 'conversation'));

export function decodeLogin(x: unknown): { account: Account; token: string | null } {
  const o = object(x);
  return { account: decodeAccount(own(o, 'account')), token: maybeText(o, 'token') };
}

/** A page of a listing: the items under `key`, and whether there are more. */
export function decodePage<T>(key: string, item: (x: unknown) => T): (x: unknown) => { items: T[]; more: boolean } {
  return (x) => {
    const o = object(x);
    return { items: list(own(o, key), item), more: flag(o, 'more') };
  };
}

export function decodeConversations(x: unknown): ConversationPage {
  const o = object(x);
  return {
    epoch: text(o, 'epoch'), account_mod: whole(o, 'account_mod'),
    conversations: list(own(o, 'conversations'), decodeConversation), more: flag(o, 'more'),
  };
}

export function decodeHistory(x: unknown): HistoryPage {
  const o = object(x);
  return {
    messages: list(own(o, 'messages'), decodeMessage), mod: whole(o, 'mod'), first_seq: whole(o, 'first_seq'),
    last_seq: whole(o, 'last_seq'), more_before: flag(o, 'more_before'), more_after: flag(o, 'more_after'),
  };
}

export function decodeChanges(x: unknown): ChangesPage {
  const o = object(x);
  const conversation = own(o, 'conversation');
  return {
    epoch: text(o, 'epoch'),
    conversation: conversation === undefined || conversation === null ? null : decodeConversationPart(conversation),
    messages: list(own(o, 'messages'), decodeMessage), members: list(own(o, 'members'), decodeMember),
    first_seq: whole(o, 'first_seq'), mod: whole(o, 'mod'), more: flag(o, 'more'),
  };
}

export function decodePoll(x: unknown): PollAnswer {
  const o = object(x);
  return {
    session: text(o, 'session'), batch: maybeWhole(o, 'batch'), events: list(own(o, 'events'), (e) => e),
    taken: maybeWhole(o, 'taken'), superseded: flag(o, 'superseded'),
  };
}

// ---- events -------------------------------------------------------------------------------------------------------

/** One row an event type: how it is decoded. A new event is one row and one case in the store. */
const EVENTS: { readonly [T in Event['type']]: (o: Json) => Event & { type: T } } = {
  welcome: (o) => ({
    type: 'welcome', session: idOf(o, 'session'), account: decodeAccount(own(o, 'account')),
    account_mod: whole(o, 'account_mod'), relay: maybeText(o, 'relay') ?? '', epoch: text(o, 'epoch'),
    heartbeat: whole(o, 'heartbeat'), time: text(o, 'time'),
  }),
  reset: () => ({ type: 'reset' }),
  ready: () => ({ type: 'ready' }),
  behind: () => ({ type: 'behind' }),
  bye: (o) => ({ type: 'bye', reason: maybeText(o, 'reason') ?? '', reconnect_ms: amount(o, 'reconnect_ms') }),
  message: (o) => ({ type: 'message', message: decodeMessage(o) }),
  conversation: (o) => ({
    type: 'conversation', conversation: decodeConversationPart(own(o, 'conversation')), account_mod: maybeWhole(o, 'account_mod'),
  }),
  member: (o) => ({
    type: 'member', conversation: idOf(o, 'conversation'), account: idOf(o, 'account'), role: maybeRole(o, 'role'), mod: whole(o, 'mod'),
  }),
  left: (o) => ({
    type: 'left', conversation: idOf(o, 'conversation'), account: idOf(o, 'account'), mod: whole(o, 'mod'),
    account_mod: maybeWhole(o, 'account_mod'),
  }),
  read: (o) => ({
    type: 'read', conversation: idOf(o, 'conversation'), account: idOf(o, 'account'), seq: whole(o, 'seq'),
    account_mod: maybeWhole(o, 'account_mod'),
  }),
  received: (o) => ({ type: 'received', conversation: idOf(o, 'conversation'), account: idOf(o, 'account'), seq: whole(o, 'seq') }),
  account: (o) => ({ type: 'account', account: decodeAccount(own(o, 'account')), account_mod: whole(o, 'account_mod') }),
  draft: (o) => ({
    type: 'draft', conversation: idOf(o, 'conversation'), text: maybeText(o, 'text') ?? '', account_mod: whole(o, 'account_mod'),
  }),
  typing: (o) => ({ type: 'typing', conversation: idOf(o, 'conversation'), account: idOf(o, 'account'), on: own(o, 'on') !== false }),
  presence: (o) => ({ type: 'presence', presence: decodePresence(o) }),
  sent: (o) => ({
    type: 'sent', ref: text(o, 'ref'), conversation: idOf(o, 'conversation'), id: idOf(o, 'id'), seq: whole(o, 'seq'),
    mod: whole(o, 'mod'), time: text(o, 'time'),
  }),
  failed: (o) => ({
    type: 'failed', ref: maybeText(o, 'ref'), command: maybeText(o, 'command') ?? '', error: decodeProblem(own(o, 'error')),
  }),
  pong: (o) => ({ type: 'pong', n: maybeWhole(o, 'n'), time: text(o, 'time') }),
};

/**
 * One event of a frame or batch. An unknown type, or anything without one, is null (to be ignored). A known type whose
 * members are wrong throws DecodeError.
 */
export function decodeEvent(x: unknown): Event | null {
  if (typeof x !== 'object' || x === null || Array.isArray(x)) return null;
  const o = x as Json;
  const type = own(o, 'type');
  if (typeof type !== 'string' || !Object.hasOwn(EVENTS, type)) return null;
  return EVENTS[type as Event['type']](o);
}

/** Compare two ids by value, which is their order in time. */
export function compareIds(a: Id, b: Id): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
