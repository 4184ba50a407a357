// SPDX-License-Identifier: Apache-2.0
//
// What this device holds of one conversation: the row, the cursor, the newest messages, counts, markers.
//
// Invariants
// - `cursor` is the mod up to which every change has been taken; null for a conversation known only from the answer to a
//   request, which the server has not told us of live yet ("provisional").
// - `tail` is a run of messages up to the newest.
// - unread = base (unread messages below the tail) + those in the tail, counted afresh; so nothing is counted twice,
//   whatever order messages come in. Where base cannot be known, `countsStale` asks for the server's figure.
// Pure but for the signal it shows itself in.

import type { Signal } from '@preact/signals-core';
import type { Conversation } from './api.ts';
import { Span } from './span.ts';
import type { ConversationPart, ConversationRow, Id, Member, Message } from './protocol.ts';

/** A room as it lies in storage and goes between tabs. */
export interface RoomRecord {
  readonly row: ConversationRow;
  readonly cursor: number;
  readonly startMod: number;
  readonly lo: number;
  readonly rows: readonly Message[];
  readonly base: Counts;
  readonly pendingRead: number;
}

export interface Counts {
  readonly unread: number;
  readonly mentions: number;
}

/** What of a row belongs to the account: it comes with `account_mod`, not with the conversation's changes. */
const OWN_MEMBERS = new Set([
  'my_role', 'visible_from', 'received_seq', 'notify', 'muted_until', 'favourite', 'draft', 'peer',
]);
/** What is kept by counting, never merged. */
const COUNTED_MEMBERS = new Set(['id', 'mod', 'last_seq', 'read_seq', 'unread', 'mentions', 'last_message', 'first_seq']);
const STORED_MESSAGES = 60;
const MOST_COUNTED = 1000;
const MOST_HEARD = 1000;

export class Room {
  readonly id: Id;
  readonly me: Id;
  readonly view: Signal<Conversation | undefined>;
  row: ConversationRow;
  cursor: number | null;
  /** The mod of the row this room began with: what is told of the time before is over. */
  startMod: number;
  tail: Span;
  /** Read here, not yet known to be read by the server. */
  pendingRead = 0;
  countsStale = false;
  /** What this room began with: messages above this seq are news when they come. */
  announced: number;
  /** Members by account, as far as loaded; null: none yet. `rosterNext`: where the next page begins, null when complete. */
  roster: Map<Id, Member> | null = null;
  rosterNext: string | null = '0';
  /** What events said of members that the roster does not hold yet: a page under way may be older. */
  readonly heard = new Map<Id, Member>();
  #base: Counts;

  constructor(me: Id, view: Signal<Conversation | undefined>, row: ConversationRow & { readonly mod: number }, provisional = false) {
    this.id = row.id;
    this.me = me;
    this.view = view;
    this.row = withoutMod(row);
    this.cursor = provisional ? null : row.mod;
    this.startMod = row.mod;
    this.announced = row.last_seq;
    const last = row.last_message;
    this.tail = last !== null && last.seq === row.last_seq ? new Span(last.seq, [last]) : new Span(row.last_seq + 1);
    this.#base = { unread: 0, mentions: 0 };
    this.setCounts(row);
  }

  static restore(me: Id, view: Signal<Conversation | undefined>, record: RoomRecord): Room {
    const room = new Room(me, view, { ...record.row, mod: record.startMod });
    room.restore(record);
    return room;
  }

  /** Take a record over in place. */
  restore(record: RoomRecord): void {
    this.row = record.row;
    this.cursor = record.cursor;
    this.startMod = record.startMod;
    this.tail = new Span(record.lo, record.rows);
    this.#base = record.base;
    this.pendingRead = Math.max(this.pendingRead, record.pendingRead);
    this.announced = record.row.last_seq;
  }

  /** What storage is to hold; null while provisional. */
  record(): RoomRecord | null {
    if (this.cursor === null) return null;
    const stored = new Span(this.tail.lo, this.tail.snapshot());
    const base = add(this.#base, this.#countAll(stored.trim(STORED_MESSAGES)));
    const { row, cursor, startMod, pendingRead } = this;
    return { row, cursor, startMod, lo: stored.lo, rows: stored.snapshot(), base, pendingRead };
  }

  get readSeq(): number {
    return Math.max(this.row.read_seq, this.pendingRead);
  }

  /** The lowest seq this member may see. */
  get floor(): number {
    return Math.max(1, this.row.first_seq, this.row.visible_from);
  }

  moveCursor(mod: number): void {
    if (this.cursor !== null && mod > this.cursor) this.cursor = mod;
  }

  // ---- messages -----------------------------------------------------------------------------------------------------

  /** A message from an event or a change. Returns whether it is news. */
  take(message: Message): boolean {
    const outcome = this.tail.put(message);
    if (outcome === 'below' && message.seq > this.readSeq && message.seq >= this.floor) this.countsStale = true;
    return outcome === 'new' && message.seq > this.announced;
  }

  /** A page of history that ends right below the tail, or overlaps it. `lo`: the lowest seq it covers. */
  extendTail(lo: number, messages: readonly Message[]): void {
    const before = this.tail.lo;
    this.tail.extend(lo, messages);
    const covered = this.#countAll(messages.filter((m) => m.seq < before));
    this.#base = subtract(this.#base, covered);
    this.#clearBaseIfCovered();
  }

  trimTail(n: number): void {
    this.#base = add(this.#base, this.#countAll(this.tail.trim(n)));
  }

  /** Retention has removed what is below. */
  raiseFirst(seq: number): void {
    if (seq <= this.row.first_seq) return;
    this.row = { ...this.row, first_seq: seq };
    if (seq < this.tail.lo && this.#base.unread > 0) this.countsStale = true;
    this.tail.raise(seq);
    this.#clearBaseIfCovered();
  }

  // ---- members ------------------------------------------------------------------------------------------------------

  /** A member's row by its mod; role null is a removed one, mod 0 says nothing but markers. */
  takeMember(member: Member): void {
    const held = this.roster?.get(member.account) ?? this.heard.get(member.account);
    if (member.account === this.me && member.role !== null && member.mod > (held?.mod ?? 0)) this.row = { ...this.row, my_role: member.role };
    if (this.roster !== null && (this.rosterNext === null || this.roster.has(member.account))) this.#settle(this.roster, member);
    else this.#hear(member);
    this.#countRoster();
  }

  #hear(member: Member): void {
    if (this.heard.size >= MOST_HEARD) this.heard.clear();
    const held = this.heard.get(member.account);
    const newer = held === undefined || member.mod > held.mod;
    this.heard.set(member.account, newer ? raiseMarkers(member, held) : raiseMarkers(held, member));
  }

  /** A page of members; `next` is null after the last. */
  takeRoster(members: readonly Member[], next: string | null): void {
    const roster = (this.roster ??= new Map());
    for (const member of members) roster.set(member.account, raiseMarkers(member, roster.get(member.account)));
    this.rosterNext = next;
    const heard = [...this.heard.values()].filter(({ account }) => roster.has(account) || next === null);
    for (const member of heard) {
      this.heard.delete(member.account);
      this.#settle(roster, member);
    }
    this.#countRoster();
  }

  /** Put what was heard of a member into the roster that a page has filled. */
  #settle(roster: Map<Id, Member>, member: Member): void {
    const held = roster.get(member.account);
    if (held === undefined ? member.mod === 0 : member.mod <= held.mod) {
      if (held !== undefined) roster.set(member.account, raiseMarkers(held, member));
    } else if (member.role === null) {
      roster.delete(member.account);
    } else {
      roster.set(member.account, raiseMarkers(member, held));
    }
  }

  #countRoster(): void {
    if (this.rosterNext === null && this.roster !== null) this.row = { ...this.row, members_count: this.roster.size };
  }

  // ---- counts -------------------------------------------------------------------------------------------------------

  /** The server's figures, for what is up to the newest message held. */
  setCounts(counts: Counts): void {
    this.#base = subtract(counts, this.#countAll(this.tail.snapshot()));
    this.countsStale = false;
    this.#clearBaseIfCovered();
  }

  /** Read up to here: by this device (`local`), or as the server says. Returns whether anything changed. */
  markRead(seq: number, local: boolean): boolean {
    const before = this.readSeq;
    if (local) this.pendingRead = Math.max(this.pendingRead, Math.min(seq, Math.max(this.row.last_seq, this.tail.last?.seq ?? 0)));
    else this.row = { ...this.row, read_seq: Math.max(this.row.read_seq, seq) };
    if (this.row.read_seq >= this.pendingRead) this.pendingRead = 0;
    if (this.readSeq === before) return false;
    if (this.readSeq < this.tail.lo - 1 && this.#base.unread > 0) {
      this.countsStale = true;
      this.#base = atMost(this.#base, this.tail.lo - 1 - this.readSeq);
    }
    this.#clearBaseIfCovered();
    return true;
  }

  #clearBaseIfCovered(): void {
    if (this.tail.lo <= Math.max(this.readSeq + 1, this.floor)) {
      this.#base = { unread: 0, mentions: 0 };
      this.countsStale = false;
    }
  }

  #countAll(messages: readonly Message[]): Counts {
    let unread = 0;
    let mentions = 0;
    for (const m of messages) {
      if (m.seq <= this.readSeq || m.kind !== 'text' || m.deleted || m.sender === this.me) continue;
      unread++;
      if (m.mentions.includes(this.me)) mentions++;
    }
    return { unread, mentions };
  }

  // ---- the row ------------------------------------------------------------------------------------------------------

  /** Merge what an event or change says of the conversation: its own members by `changed_mod`, the account's always. A whole
   *  row has the read marker too: coming back has moved it. */
  merge(part: ConversationPart): void {
    const newer = part.changed_mod === undefined || part.changed_mod >= this.row.changed_mod;
    const taken = Object.entries(part).filter(([k]) => !COUNTED_MEMBERS.has(k) && (newer || OWN_MEMBERS.has(k)));
    this.row = { ...this.row, ...Object.fromEntries(taken) };
    if (part.first_seq !== undefined) this.raiseFirst(part.first_seq);
    if (part.read_seq !== undefined) this.markRead(part.read_seq, false);
  }

  /** The server has now told of this conversation: a whole row, with the counter that live events go on from. */
  confirm(row: ConversationRow & { readonly mod: number }): void {
    this.cursor = row.mod;
    this.startMod = row.mod;
    this.merge(row);
    if (row.last_message !== null) this.take(row.last_message);
    this.row = { ...this.row, last_seq: Math.max(this.row.last_seq, row.last_seq) };
    this.setCounts(row);
  }

  /** Show what is held now. `extra`: what others know of it. */
  show(extra: Pick<Conversation, 'draftText' | 'waiting' | 'failed'>): void {
    const newest = this.tail.last ?? this.row.last_message;
    const last = newest !== null && newest.seq >= this.floor ? newest : null;
    this.row = { ...this.row, last_seq: Math.max(this.row.last_seq, last?.seq ?? 0), last_message: last };
    const { unread, mentions } = atMost(add(this.#base, this.#countAll(this.tail.snapshot())), MOST_COUNTED);
    const activity = last?.time ?? this.row.created ?? '';
    this.view.value = { ...this.row, read_seq: this.readSeq, unread, mentions, activity, ...extra };
  }
}

function withoutMod(row: ConversationRow & { mod?: number }): ConversationRow {
  const { mod: _, ...rest } = row;
  return rest;
}

const add = (a: Counts, b: Counts): Counts => ({ unread: a.unread + b.unread, mentions: a.mentions + b.mentions });
const subtract = (a: Counts, b: Counts): Counts => ({
  unread: Math.max(0, a.unread - b.unread), mentions: Math.max(0, a.mentions - b.mentions),
});
const atMost = (a: Counts, n: number): Counts => ({ unread: Math.min(a.unread, n), mentions: Math.min(a.mentions, n) });

/** The member with markers that never fall; received is at least read. */
function raiseMarkers(member: Member, other: Pick<Member, 'read_seq' | 'received_seq'> | undefined): Member {
  const read_seq = Math.max(member.read_seq, other?.read_seq ?? 0);
  return { ...member, read_seq, received_seq: Math.max(member.received_seq, other?.received_seq ?? 0, read_seq) };
}
