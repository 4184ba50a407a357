// SPDX-License-Identifier: Apache-2.0
//
// The tab that holds the link: it runs the outbox, applies events, and serves the other tabs.

import type { Connection } from './api.ts';
import type { Core, Note, Role } from './core.ts';
import { asProblem } from './http.ts';
import { Link, type LinkHost, type Position, type Request, type Sent } from './link.ts';
import { Outbox, type Entry, type OutboxHost } from './outbox.ts';
import { RECEIPTS_MAX_MEMBERS, type Command, type Event, type Id } from './protocol.ts';
import type { How } from './store.ts';
import { Timer } from './timing.ts';

const WATCH_MS = 100;
const RECEIVED_MS = 400;
/** Commands of one kind said at once; the rest follow. */
const HANDFUL = 40;
const MOST_WATCHED = 500;

type Status = Extract<Command, { type: 'status' }>;

export class Leader implements Role, LinkHost, OutboxHost {
  readonly #core: Core;
  readonly #link: Link;
  readonly #outbox: Outbox;
  /** Other tabs, with what each watches. */
  readonly #followers = new Map<string, readonly Id[]>();
  /** Which tabs are there, and which of them say that the person is away. */
  readonly #away = new Map<string, boolean>();
  readonly #watch = new Timer();
  readonly #received = new Timer();
  #watched = '';
  /** The list, while it is being read. */
  #reading: Promise<void> | null = null;
  /** What is held is of another timeline. */
  #overtaken = false;
  #closed = false;

  constructor(core: Core) {
    this.#core = core;
    this.#link = new Link(this, { http: core.http, ...core.link });
    this.#outbox = new Outbox(this);
    void this.#begin();
  }

  async #begin(): Promise<void> {
    this.#core.post(null, { kind: 'leader' });
    this.#link.start();
    const entries = await this.#core.keeper.entries();
    if (!this.#closed) this.#outbox.load(entries);
  }

  // ---- Role ---------------------------------------------------------------------------------------------------------

  request(command: Request): Promise<Sent> {
    return this.#link.request(command);
  }

  drop(ref: string): void {
    this.#link.drop(ref);
  }

  tell(command: Command): void {
    this.#tell(this.#core.tabId, command);
  }

  add(entry: Entry): Promise<void> {
    return this.#outbox.add(entry);
  }

  retry(ref: string): void {
    void this.#outbox.retry(ref);
  }

  discard(ref: string): void {
    void this.#outbox.discard(ref);
  }

  shown(ref: string): void {
    this.#outbox.shown(ref);
  }

  wake(): void {
    this.#link.wake();
  }

  connect(): void {
    this.#link.start();
  }

  reset(): void {
    this.#overtaken = true;
    this.#link.restart();
  }

  close(): void {
    this.#closed = true;
    this.#watch.clear();
    this.#received.clear();
    this.#outbox.close();
    this.#link.close();
  }

  onNote(from: string, note: Note): void {
    switch (note.kind) {
      case 'sync':
        return void this.#serve(from);
      case 'request':
        return void this.#forward(from, note.command);
      case 'tell':
        return this.#tell(from, note.command);
      case 'enqueue':
        return void this.#outbox.add(note.entry);
      case 'retry':
      case 'discard':
      case 'shown':
        return this[note.kind](note.ref);
      case 'watch':
        this.#followers.set(from, note.accounts);
        return this.watchChanged();
      case 'wake':
      case 'connect':
        return this[note.kind]();
      case 'closing':
        this.#followers.delete(from);
        this.#away.delete(from);
        return this.watchChanged();
      default:
    }
  }

  // ---- serving the others -------------------------------------------------------------------------------------------

  async #serve(follower: string): Promise<void> {
    if (!this.#followers.has(follower)) this.#followers.set(follower, []);
    await this.#core.keeper.flush();
    const connection = this.#core.connection.peek();
    this.#core.post(follower, { kind: 'synced', connection, entries: this.#outbox.entries });
  }

  async #forward(from: string, command: Request): Promise<void> {
    const { ref } = command;
    try {
      this.#core.post(from, { kind: 'answer', ref, sent: await this.#link.request(command), problem: null });
    } catch (error) {
      this.#core.post(from, { kind: 'answer', ref, sent: null, problem: asProblem(error).document });
    }
  }

  #postAll(note: Note): void {
    if (this.#followers.size > 0) this.#core.post(null, note);
  }

  // ---- what has no answer -------------------------------------------------------------------------------------------

  #tell(from: string, command: Command): void {
    if (command.type === 'status') return this.#tellStatus(from, command);
    if (command.type === 'read') {
      const { conversation, seq } = command;
      this.#core.store.markRead(conversation, seq);
      this.#postAll({ kind: 'read', conversation, seq });
    }
    this.#link.tell(command);
  }

  /** The person is away when every tab says so. */
  #tellStatus(from: string, command: Status): void {
    if (command.state === 'online' || command.state === 'away') {
      this.#away.set(from, command.state === 'away');
      this.#link.tell({ ...command, state: this.#allAway ? 'away' : 'online' });
    } else {
      this.#link.tell(command);
    }
  }

  get #allAway(): boolean {
    return this.#away.size > 0 && [...this.#away.values()].every((away) => away);
  }

  watchChanged(): void {
    this.#watch.setOnce(WATCH_MS, () => this.#sayWatch());
  }

  #sayWatch(): void {
    const all = new Set(this.#core.store.presence.watched);
    for (const accounts of this.#followers.values()) for (const account of accounts) all.add(account);
    const accounts = [...all].slice(0, MOST_WATCHED);
    const said = accounts.toSorted().join();
    if (said === this.#watched || !this.#link.live) return;
    this.#watched = said;
    this.#link.tell({ type: 'watch', accounts });
  }

  /** The second tick: what has come to this device. */
  #sayReceived(): void {
    if (!this.#link.live) return;
    let said = 0;
    for (const id of this.#core.store.order.peek()) {
      const room = this.#core.store.room(id);
      if (room === undefined || room.row.members_count > RECEIPTS_MAX_MEMBERS) continue;
      const { last_seq, received_seq } = room.row;
      if (last_seq <= Math.max(received_seq, room.readSeq)) continue;
      if (++said > HANDFUL) return this.#received.set(1_000, () => this.#sayReceived());
      room.row = { ...room.row, received_seq: last_seq };
      this.#link.tell({ type: 'received', conversation: id, seq: last_seq });
    }
  }

  // ---- LinkHost -----------------------------------------------------------------------------------------------------

  async prepare(): Promise<void> {
    if (this.#overtaken || !this.#core.store.loaded.peek()) await this.#readList();
  }

  /** One at a time: a list that came after the hello that was said with another would leave a gap between the two. */
  #readList(): Promise<void> {
    return (this.#reading ??= this.#readAnew().finally(() => (this.#reading = null)));
  }

  async #readAnew(): Promise<void> {
    await this.#core.fetcher.readList();
    this.#overtaken = false;
    if (this.#followers.size > 0) this.#core.post(null, { kind: 'leader' });
  }

  position(): Position {
    const { epoch, accountMod } = this.#core.store;
    return { epoch, account_mod: accountMod, mods: this.#core.store.cursors() };
  }

  onWelcome(welcome: Extract<Event, { type: 'welcome' }>): boolean {
    if (welcome.account.id !== this.#core.store.me) return false;
    this.#core.account.value = welcome.account;
    return true;
  }

  onEvents(events: readonly Event[], how: How): void {
    this.#core.store.apply(events, how);
    this.#postAll({ kind: 'events', events, how });
    if (events.some((event) => event.type === 'message')) this.#received.setOnce(RECEIVED_MS, () => this.#sayReceived());
  }

  onReady(accountMod: number): void {
    this.#core.store.ready(accountMod);
    this.#core.keeper.save(this.#core.store, []);
    this.#postAll({ kind: 'ready', accountMod });
    this.#core.drafts.push();
    this.#received.setOnce(RECEIVED_MS, () => this.#sayReceived());
  }

  onPrimary(): void {
    this.#watched = '';
    this.watchChanged();
    if (this.#allAway) this.#link.tell({ type: 'status', state: 'away' });
    let said = 0;
    for (const room of this.#core.store.rooms) {
      if (room.pendingRead <= room.row.read_seq || ++said > HANDFUL) continue;
      this.#link.tell({ type: 'read', conversation: room.id, seq: room.pendingRead });
    }
  }

  async onReset(): Promise<void> {
    this.log('the server has another epoch: reading everything again');
    await this.#readList();
  }

  onConnection(connection: Connection): void {
    this.#core.connection.value = connection;
    this.#postAll({ kind: 'connection', connection });
  }

  onDenied(): void {
    this.#postAll({ kind: 'denied' });
    this.#core.denied();
  }

  onRefused(): void {
    this.#core.refused();
  }

  log(line: string): void {
    this.#core.log(line);
  }

  // ---- OutboxHost ---------------------------------------------------------------------------------------------------

  store(ref: string, entry: Entry | undefined): Promise<void> {
    return this.#core.keeper.entry(ref, entry);
  }

  show(ref: string, entry: Entry | undefined): void {
    this.#core.store.showEntry(ref, entry);
    this.#postAll({ kind: 'entry', ref, entry });
    if (entry?.state === 'sent' && this.#isHeld(entry)) queueMicrotask(() => this.#outbox.shown(ref));
  }

  /** Whether there is nothing to wait for: its message is held, or will not be. */
  #isHeld({ conversation, seq }: Entry): boolean {
    const room = this.#core.store.room(conversation);
    return room === undefined || seq === null || seq < room.tail.lo || room.tail.get(seq) !== undefined;
  }
}

