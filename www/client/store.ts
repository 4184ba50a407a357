// SPDX-License-Identifier: Apache-2.0
//
// The state of one account on one device, in signals.
//
// Job: apply events and rows. Everything that carries a mod is compared with what is held before it is taken, so it may
// come twice, by two sessions, or again after a reconnect.
// Invariants
// - A conversation's cursor moves only by events of the conversation itself and by /api/changes; the account's only by
//   events that carry account_mod, and at `ready`.
// - Signals change once a transaction, together.
// - `removed` is a barrier: a conversation that was left is gone from the state until a whole row brings it back.
// Knows no network and no storage: it says what is to be saved or fetched through its host.

import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals-core';
import { PresenceMap, Typing } from './ambient.ts';
import type { Arrival, Conversation, Draft } from './api.ts';
import { entryView, type Entry } from './outbox.ts';
import { compareIds, type Account, type ChangesPage, type ConversationPart, type ConversationRow, type Event, type Id, type Member, type Message, type Presence } from './protocol.ts';
import { Room, type RoomRecord } from './room.ts';

export interface StoreHost {
  /** These rooms changed, or (no longer in the store) are gone. */
  save(rooms: ReadonlySet<Id>): void;
  /** A message of one's own with this ref is held. */
  ownMessage(ref: string): void;
  arrival(arrival: Arrival): void;
  /** Ask the server for the counts of this conversation. */
  needCounts(room: Room): void;
  /** Read /api/changes from `since` up to the room's cursor. */
  needChanges(room: Room, since: number): void;
  accountChanged(account: Account): void;
  /** Somebody's profile is at this mod. */
  profileAt(account: Id, mod: number): void;
  /** Another device has changed the draft. */
  draftChanged(conversation: Id, text: string): void;
  watchChanged(): void;
}

/** What draws from a room beside the list: it is told when the room changed, appeared or went. */
export interface Viewer {
  readonly conversation: Id;
  /** `message`: this one was taken (from anything but this viewer's own pages). */
  onMessage?(message: Message): void;
  /** The end of a transaction that changed the room or its outbox entries. */
  onChange(): void;
  /** The room's messages were thrown away: load again. */
  onReplaced?(): void;
}

export interface How {
  readonly late: boolean;
  readonly primary: boolean;
}

const TAIL_KEPT = 120;

export class Store {
  readonly me: Id;
  epoch = '';
  accountMod = 0;
  readonly loaded = signal(false);
  readonly order = signal<readonly Id[]>([]);
  readonly conversations: ReadonlySignal<readonly Conversation[]>;
  readonly outbox = signal<readonly Entry[]>([]);
  readonly drafts = new Map<Id, Signal<Draft>>();
  readonly typing = new Typing();
  readonly presence: PresenceMap;
  readonly #host: StoreHost;
  readonly #rooms = new Map<Id, Room>();
  readonly #views = new Map<Id, Signal<Conversation | undefined>>();
  readonly #entries = new Map<string, Entry>();
  readonly #viewers = new Map<Id, Set<Viewer>>();
  readonly #dirty = new Set<Id>();
  readonly #unsaved = new Set<Id>();
  #arrivals: Arrival[] = [];
  #entriesChanged = false;
  #depth = 0;

  constructor(me: Id, host: StoreHost) {
    this.me = me;
    this.#host = host;
    this.presence = new PresenceMap(() => host.watchChanged());
    this.conversations = computed(() => this.order.value.flatMap((id) => this.view(id).value ?? []));
  }

  // ---- reading ------------------------------------------------------------------------------------------------------

  room(id: Id): Room | undefined {
    return this.#rooms.get(id);
  }

  get rooms(): Iterable<Room> {
    return this.#rooms.values();
  }

  view(id: Id): Signal<Conversation | undefined> {
    let view = this.#views.get(id);
    if (view === undefined) this.#views.set(id, (view = signal<Conversation | undefined>(undefined)));
    return view;
  }

  draft(id: Id): Signal<Draft> {
    let draft = this.drafts.get(id);
    if (draft === undefined) this.drafts.set(id, (draft = signal<Draft>({ text: this.#rooms.get(id)?.row.draft ?? '', reply_to: null })));
    return draft;
  }

  /** Pending entries of a conversation in their order. */
  entriesOf(conversation: Id): readonly Entry[] {
    return this.outbox.peek().filter((e) => e.conversation === conversation);
  }

  hasRef(ref: string): boolean {
    return this.#entries.has(ref);
  }

  /** The mods to say in `hello`. */
  cursors(): Map<Id, number> {
    const mods = new Map<Id, number>();
    for (const room of this.#rooms.values()) if (room.cursor !== null) mods.set(room.id, room.cursor);
    return mods;
  }

  // ---- viewers ------------------------------------------------------------------------------------------------------

  attach(viewer: Viewer): () => void {
    const viewers = this.#viewers.get(viewer.conversation) ?? new Set();
    this.#viewers.set(viewer.conversation, viewers.add(viewer));
    return () => {
      viewers.delete(viewer);
      if (viewers.size > 0) return;
      this.#viewers.delete(viewer.conversation);
      this.change(() => this.touch(viewer.conversation, false));
    };
  }

  hasViewers(conversation: Id): boolean {
    return this.#viewers.has(conversation);
  }

  // ---- transactions -------------------------------------------------------------------------------------------------

  /** Change the state: signals, saving and arrivals follow once, at the end of the outermost transaction. */
  change<T>(action: () => T): T {
    this.#depth++;
    try {
      return action();
    } finally {
      if (--this.#depth === 0) this.#commit();
    }
  }

  touch(id: Id, save = true): void {
    this.#dirty.add(id);
    if (save) this.#unsaved.add(id);
  }

  #commit(): void {
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    batch(() => {
      if (this.#entriesChanged) this.outbox.value = [...this.#entries.values()].sort((a, b) => a.order - b.order);
      this.#entriesChanged = false;
      for (const id of dirty) this.#show(id);
      if (dirty.length > 0) this.#sort();
      for (const id of dirty) this.#viewers.get(id)?.forEach((viewer) => viewer.onChange());
    });
    this.#afterCommit(dirty);
  }

  #afterCommit(dirty: readonly Id[]): void {
    if (this.#unsaved.size > 0) this.#host.save(new Set(this.#unsaved));
    this.#unsaved.clear();
    for (const id of dirty) {
      const room = this.#rooms.get(id);
      if (room?.countsStale && room.cursor !== null) this.#host.needCounts(room);
    }
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    for (const arrival of arrivals) this.#host.arrival(arrival);
  }

  #show(id: Id): void {
    const room = this.#rooms.get(id);
    const { waiting, failed } = this.#pending(id);
    if (room === undefined) return this.#showGone(id, waiting, failed);
    if (!this.#viewers.has(id)) room.trimTail(TAIL_KEPT);
    room.show({ draftText: this.draft(id).peek().text, waiting, failed });
  }

  /** A conversation that one is no longer in: shown, without a role, while it is on the screen or something of it is unsent. */
  #showGone(id: Id, waiting: number, failed: number): void {
    const view = this.view(id);
    const last = view.peek();
    const needed = this.#viewers.has(id) || waiting + failed > 0;
    view.value = last !== undefined && needed ? { ...last, my_role: null, unread: 0, mentions: 0, waiting, failed } : undefined;
  }

  #pending(id: Id): { waiting: number; failed: number } {
    const counts = { waiting: 0, failed: 0 };
    for (const { conversation, state } of this.#entries.values()) if (conversation === id && state !== 'sent') counts[state]++;
    return counts;
  }

  #sort(): void {
    const unsent = [...this.#entries.values()].map((entry) => entry.conversation).filter((id) => this.view(id).peek() !== undefined);
    const shown = [...new Set([...this.#rooms.keys(), ...unsent])].map((id) => ({ id, at: this.view(id).peek()?.activity ?? '' }));
    shown.sort((a, b) => (a.at === b.at ? compareIds(b.id, a.id) : a.at < b.at ? 1 : -1));
    const before = this.order.peek();
    if (shown.length !== before.length || shown.some(({ id }, i) => id !== before[i])) this.order.value = shown.map(({ id }) => id);
  }

  // ---- whole states -------------------------------------------------------------------------------------------------

  /** The list as the server gave it: everything held before is thrown away (another epoch, or nothing was held). */
  replace(epoch: string, accountMod: number, rows: readonly (ConversationRow & { readonly mod: number })[]): void {
    this.change(() => {
      this.epoch = epoch;
      this.accountMod = accountMod;
      for (const id of this.#rooms.keys()) this.touch(id);
      this.#rooms.clear();
      for (const row of rows) this.#add(row, false);
      this.loaded.value = true;
    });
    for (const viewers of this.#viewers.values()) viewers.forEach((viewer) => viewer.onReplaced?.());
  }

  /**
   * What another tab has saved, or storage held at start. A room that is held here in the same or a later state stays; a
   * viewed one that is behind is completed through /api/changes.
   */
  merge(epoch: string, accountMod: number, records: readonly RoomRecord[]): void {
    this.change(() => {
      const renewed = this.epoch !== '' && this.epoch !== epoch;
      for (const record of records) this.#mergeRecord(record, renewed);
      const known = new Set(records.map((record) => record.row.id));
      for (const room of renewed || accountMod > this.accountMod ? [...this.#rooms.values()] : []) {
        if (!known.has(room.id) && room.cursor !== null) this.#remove(room.id);
      }
      this.epoch = epoch;
      this.accountMod = renewed ? accountMod : Math.max(this.accountMod, accountMod);
      this.loaded.value = true;
    });
  }

  #mergeRecord(record: RoomRecord, renewed: boolean): void {
    const { id } = record.row;
    const held = this.#rooms.get(id);
    const cursor = held?.cursor ?? null;
    if (!renewed && cursor !== null && cursor >= record.cursor) return;
    this.#dirty.add(id);
    if (held === undefined) {
      this.#rooms.set(id, Room.restore(this.me, this.view(id), record));
    } else if (renewed || !this.hasViewers(id)) {
      held.restore(record);
      this.#viewers.get(id)?.forEach((viewer) => viewer.onReplaced?.());
    } else {
      held.cursor = cursor ?? held.startMod;
      held.merge(record.row);
      this.#host.needChanges(held, held.cursor);
    }
  }

  /** A row that a request returned: shown, but not followed until the server tells of it live. */
  addProvisional(row: ConversationRow & { readonly mod: number }): void {
    if (!this.#rooms.has(row.id)) this.change(() => this.#add(row, true));
  }

  #add(row: ConversationRow & { readonly mod: number }, provisional: boolean): void {
    this.#rooms.set(row.id, new Room(this.me, this.view(row.id), row, provisional));
    this.touch(row.id);
    if (row.draft !== null && !this.drafts.has(row.id)) this.draft(row.id).value = { text: row.draft, reply_to: null };
  }

  #remove(id: Id): void {
    this.#rooms.delete(id);
    this.touch(id);
  }

  // ---- events -------------------------------------------------------------------------------------------------------

  /** Events of the live link, in their order. */
  apply(events: readonly Event[], how: How): void {
    this.change(() => {
      for (const event of events) this.#apply(event, how);
    });
  }

  /** Everything up to this account_mod has come. */
  ready(accountMod: number): void {
    this.accountMod = Math.max(this.accountMod, accountMod);
  }

  #apply(event: Event, how: How): void {
    switch (event.type) {
      case 'message':
        return this.#onMessage(event.message, how.late);
      case 'conversation':
        return this.#onConversation(event.conversation, event.account_mod);
      case 'member':
        return this.#onMember(event.conversation, event.account, event.role, event.mod);
      case 'left':
        return this.#onLeft(event.conversation, event.account, event.mod, event.account_mod);
      case 'read':
      case 'received':
        return this.#onMarker(event);
      case 'account':
        if (this.#isNews(event.account_mod)) this.#host.accountChanged(event.account);
        return;
      case 'draft':
        return this.#onDraft(event.conversation, event.text, event.account_mod);
      case 'typing':
        if (how.primary && event.account !== this.me) this.typing.set(event.conversation, event.account, event.on);
        return;
      case 'presence':
        return this.#onPresence(event.presence, how.primary);
      default:
    }
  }

  #onPresence(presence: Presence, primary: boolean): void {
    if (primary) this.presence.set(presence);
    this.#host.profileAt(presence.account, presence.profile_mod);
  }

  /** Whether what carries this account_mod is not held yet; the account's cursor moves to it. */
  #isNews(accountMod: number | null): boolean {
    if (accountMod === null) return true;
    if (accountMod <= this.accountMod) return false;
    this.accountMod = accountMod;
    return true;
  }

  #onMessage(message: Message, late: boolean): void {
    const room = this.#rooms.get(message.conversation);
    if (room === undefined) return;
    const news = room.take(message);
    room.moveCursor(message.mod);
    this.#taken(room, message);
    this.typing.set(room.id, message.sender, false);
    if (!news || message.deleted) return;
    const own = message.sender === this.me;
    this.#arrivals.push({ message, own, mentioned: !own && message.mentions.includes(this.me), late });
  }

  /** After a message was taken from an event, a change or a page. */
  #taken(room: Room, message: Message): void {
    this.touch(room.id);
    this.#viewers.get(room.id)?.forEach((viewer) => viewer.onMessage?.(message));
    if (message.ref !== null && this.#entries.has(message.ref)) this.#host.ownMessage(message.ref);
  }

  #onDraft(conversation: Id, text: string, accountMod: number): void {
    if (!this.#isNews(accountMod)) return;
    const room = this.#rooms.get(conversation);
    if (room !== undefined) {
      room.row = { ...room.row, draft: text === '' ? null : text };
      this.touch(conversation);
    }
    this.#host.draftChanged(conversation, text);
  }

  #onConversation(part: ConversationPart, accountMod: number | null): void {
    const room = this.#rooms.get(part.id);
    if (!this.#isNews(accountMod) && (room === undefined || room.cursor !== null)) return;
    if (room === undefined || (room.cursor === null && isWhole(part))) return this.#onAdded(room, part);
    room.merge(part);
    if (accountMod === null && part.changed_mod !== undefined) room.moveCursor(part.changed_mod);
    this.touch(room.id);
  }

  #onAdded(room: Room | undefined, part: ConversationPart): void {
    if (!isWhole(part)) return;
    if (room === undefined) {
      this.#add(part, false);
      return this.#viewers.get(part.id)?.forEach((viewer) => viewer.onReplaced?.());
    }
    const since = room.startMod;
    room.confirm(part);
    this.touch(room.id);
    if (part.mod > since) this.#host.needChanges(room, since);
  }

  #onMember(conversation: Id, account: Id, role: Member['role'], mod: number): void {
    const room = this.#rooms.get(conversation);
    if (room === undefined) return;
    room.moveCursor(mod);
    this.#takeMember(room, { account, role, mod, read_seq: 0, received_seq: 0 });
  }

  #takeMember(room: Room, member: Member): void {
    room.takeMember(member);
    this.touch(room.id);
  }

  #onLeft(conversation: Id, account: Id, mod: number, accountMod: number | null): void {
    this.#isNews(accountMod);
    const room = this.#rooms.get(conversation);
    if (room === undefined) return;
    if (account === this.me) {
      if (mod === 0 || mod > room.startMod) this.#remove(conversation);
      return;
    }
    room.moveCursor(mod);
    this.#takeMember(room, { account, role: null, mod, read_seq: 0, received_seq: 0 });
  }

  #onMarker(event: Extract<Event, { type: 'read' | 'received' }>): void {
    const { conversation, account, seq } = event;
    if (event.type === 'read') this.#isNews(event.account_mod);
    const room = this.#rooms.get(conversation);
    if (room === undefined) return;
    room.takeMember({ account, role: null, mod: 0, read_seq: event.type === 'read' ? seq : 0, received_seq: seq });
    if (account === this.me && event.type === 'read') room.markRead(seq, false);
    this.touch(conversation, account === this.me);
  }

  // ---- answers of requests ------------------------------------------------------------------------------------------

  /** A page of /api/changes: the room's rows above some mod, up to `page.mod`. */
  applyChanges(room: Room, page: ChangesPage): void {
    if (this.#rooms.get(room.id) !== room) return;
    this.change(() => {
      if (page.conversation !== null) room.merge(page.conversation);
      room.raiseFirst(page.first_seq);
      for (const message of page.messages) {
        room.take(message);
        this.#taken(room, message);
      }
      for (const member of page.members) this.#takeMember(room, member);
      room.moveCursor(page.mod);
      this.touch(room.id);
    });
  }

  /** Messages of a history page that belong to the tail: it ends below or within it. */
  extendTail(room: Room, lo: number, messages: readonly Message[]): void {
    this.change(() => {
      room.extendTail(lo, messages);
      for (const message of messages) this.#settle(message);
      this.touch(room.id);
    });
  }

  #settle(message: Message): void {
    if (message.ref !== null && this.#entries.has(message.ref)) this.#host.ownMessage(message.ref);
  }

  /** A page of members; `next` is null after the last. */
  takeRoster(room: Room, members: readonly Member[], next: string | null): void {
    this.change(() => {
      room.takeRoster(members, next);
      this.touch(room.id);
    });
  }

  /** The server's counts, as of its row; taken only if they are about the messages held here. Returns whether they were. */
  takeCounts(room: Room, row: ConversationRow & { readonly mod: number }): boolean {
    if (this.#rooms.get(room.id) !== room) return true;
    if (row.last_seq !== room.row.last_seq || row.mod < (room.cursor ?? 0)) return false;
    this.change(() => room.markRead(row.read_seq, false));
    if (room.readSeq !== row.read_seq) return false;
    this.change(() => {
      room.setCounts(row);
      room.row = { ...room.row, members_count: row.members_count };
      this.touch(room.id);
    });
    return true;
  }

  /** A row that a request answered: its text and settings; cursors and counts move by events only. */
  mergeAnswer(row: ConversationPart): void {
    const room = this.#rooms.get(row.id);
    if (room === undefined) return;
    this.change(() => {
      room.merge(row);
      this.touch(room.id);
    });
  }

  /** This device has shown everything up to `seq`. Returns the marker to tell, or null if it is not news. */
  markRead(conversation: Id, seq: number): number | null {
    const room = this.#rooms.get(conversation);
    if (room === undefined) return null;
    return this.change(() => {
      if (!room.markRead(seq, true)) return null;
      this.touch(conversation);
      return room.readSeq;
    });
  }

  // ---- outbox and drafts --------------------------------------------------------------------------------------------

  showEntry(ref: string, entry: Entry | undefined): void {
    this.change(() => {
      const conversation = entry?.conversation ?? this.#entries.get(ref)?.conversation;
      if (entry === undefined) this.#entries.delete(ref);
      else this.#entries.set(ref, entry);
      this.#entriesChanged = true;
      if (conversation !== undefined) this.touch(conversation, false);
    });
  }

  showDraft(conversation: Id, draft: Draft): void {
    this.change(() => {
      this.draft(conversation).value = draft;
      this.touch(conversation, false);
    });
  }

  /** Entries as the screen sees them. */
  readonly outboxView = computed(() => this.outbox.value.map(entryView));
}

const isWhole = (part: ConversationPart): part is ConversationRow & { readonly mod: number } =>
  part.mod !== undefined && part.kind !== undefined && part.last_seq !== undefined;
