// SPDX-License-Identifier: Apache-2.0
//
// A window on one conversation: the room's tail (up to the newest message), or a run of its own further up.
//
// Invariants: what is shown is one run without a gap; a page that is older than the room's cursor is completed through
// /api/changes; a run of its own that reaches the tail becomes part of it.

import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals-core';
import type { Delivery, Timeline, TimelineItem } from './api.ts';
import { asProblem } from './http.ts';
import { entryView } from './outbox.ts';
import type { Problem } from './problem.ts';
import type { HistoryPage, Id, Message } from './protocol.ts';
import type { Room } from './room.ts';
import { Span } from './span.ts';
import type { Store, Viewer } from './store.ts';

export interface TimelineHost {
  readonly store: Store;
  /** GET /api/history/{conversation}?query */
  history(conversation: Id, query: string): Promise<HistoryPage>;
  /** Read /api/changes from `since` up to the room's cursor, into the store. */
  complete(room: Room, since: number): Promise<void>;
  /** Make the room known (an address that is not in the list). Rejects if it is not ours. */
  fetchRoom(conversation: Id): Promise<void>;
  /** Load the members' markers of a small conversation. */
  loadMarkers(room: Room): void;
  /** The view was closed. */
  closed(): void;
}

const PAGE = 50;
const ENOUGH = 30;

export class TimelineView implements Timeline, Viewer {
  readonly conversation: Id;
  readonly items = signal<readonly TimelineItem[]>([]);
  readonly loading = signal(true);
  readonly loadingOlder = signal(false);
  readonly loadingNewer = signal(false);
  readonly atStart = signal(false);
  readonly atEnd = signal(true);
  readonly problem = signal<Problem | null>(null);
  readonly readUpTo = signal(0);
  readonly receivedUpTo = signal(0);
  readonly #host: TimelineHost;
  readonly #detach: () => void;
  /** A run of its own, away from the newest messages; `hi` is the highest seq it covers. */
  #far: { readonly span: Span; hi: number } | null = null;
  readonly #quotes = new Map<number, Signal<Message | null | undefined>>();
  #shownRows: readonly Message[] = [];
  #shown: readonly TimelineItem[] = [];
  #older: Promise<void> | null = null;
  #newer: Promise<void> | null = null;
  #closed = false;

  constructor(conversation: Id, host: TimelineHost) {
    this.conversation = conversation;
    this.#host = host;
    this.#detach = host.store.attach(this);
    this.onChange();
    void this.#open();
  }

  close(): void {
    this.#closed = true;
    this.#detach();
    this.#host.closed();
  }

  // ---- what is shown ------------------------------------------------------------------------------------------------

  get #room(): Room | undefined {
    return this.#host.store.room(this.conversation);
  }

  onChange(): void {
    const room = this.#room;
    if (room === undefined) return this.#showItems(this.#shownRows, this.#host.store.entriesOf(this.conversation));
    const span = this.#far?.span ?? room.tail;
    if (this.#far !== null) this.#far.span.raise(room.floor);
    this.atEnd.value = this.#far === null;
    this.atStart.value = span.lo <= room.floor;
    this.#showItems(span.snapshot(), this.#far === null ? this.#host.store.entriesOf(this.conversation) : []);
    this.#showMarkers(room);
    if (this.#shown.length > 0 || this.atStart.value) this.loading.value = false;
  }

  #showItems(rows: readonly Message[], entries: ReturnType<Store['entriesOf']>): void {
    const items = rows === this.#shownRows ? this.#shown.filter((item) => item.message !== null) : this.#itemsOf(rows);
    const pending = entries.filter((entry) => entry.seq === null || this.message(entry.seq) === undefined).map((entry) => this.#pendingItem(entry));
    this.#shownRows = rows;
    this.#shown = pending.length > 0 ? [...items, ...pending] : items;
    this.items.value = this.#shown;
  }

  /** Items are reused while their message is the same, so that only what changed is drawn. */
  #itemsOf(rows: readonly Message[]): TimelineItem[] {
    const before = new Map(this.#shown.map((item) => [item.message, item]));
    return rows.map((message) => before.get(message) ?? { key: message.ref ?? `#${message.seq}`, message, entry: null });
  }

  #pendingItem(entry: Parameters<typeof entryView>[0]): TimelineItem {
    const view = entryView(entry);
    const held = this.#shown.find((item) => item.key === entry.ref)?.entry;
    const same = held !== null && held !== undefined && held.state === view.state && held.seq === view.seq;
    return { key: entry.ref, message: null, entry: same ? held : view };
  }

  #showMarkers(room: Room): void {
    let read = Number.POSITIVE_INFINITY;
    let received = Number.POSITIVE_INFINITY;
    let others = 0;
    for (const member of room.rosterNext === null ? (room.roster?.values() ?? []) : []) {
      if (member.account === room.me) continue;
      others++;
      read = Math.min(read, member.read_seq);
      received = Math.min(received, member.received_seq);
    }
    this.readUpTo.value = others > 0 ? read : 0;
    this.receivedUpTo.value = others > 0 ? received : 0;
  }

  delivery(item: TimelineItem): Delivery {
    if (item.entry !== null) return item.entry.state;
    if (item.message.sender !== this.#host.store.me || item.message.kind !== 'text') return null;
    if (item.message.seq <= this.readUpTo.value) return 'read';
    return item.message.seq <= this.receivedUpTo.value ? 'received' : 'sent';
  }

  message(seq: number): Message | undefined {
    return this.#far?.span.get(seq) ?? this.#room?.tail.get(seq);
  }

  quote(seq: number): ReadonlySignal<Message | null | undefined> {
    let quoted = this.#quotes.get(seq);
    if (quoted === undefined) {
      quoted = signal<Message | null | undefined>(this.message(seq));
      this.#quotes.set(seq, quoted);
      if (quoted.peek() === undefined) void this.#fetchQuote(seq, quoted);
    }
    return quoted;
  }

  async #fetchQuote(seq: number, quoted: Signal<Message | null | undefined>): Promise<void> {
    try {
      const page = await this.#host.history(this.conversation, `around=${seq}&limit=1`);
      if (quoted.peek() === undefined) quoted.value = page.messages.find((m) => m.seq === seq) ?? null;
    } catch {
      this.#quotes.delete(seq);
    }
  }

  // ---- from the store -----------------------------------------------------------------------------------------------

  onMessage(message: Message): void {
    const quoted = this.#quotes.get(message.seq);
    if (quoted !== undefined && (quoted.peek()?.mod ?? 0) < message.mod) quoted.value = message;
    if (this.#far !== null && message.seq <= this.#far.hi) this.#far.span.put(message);
  }

  onReplaced(): void {
    this.#far = null;
    void this.#open();
  }

  // ---- loading ------------------------------------------------------------------------------------------------------

  async #open(): Promise<void> {
    await this.#guard(async () => {
      if (this.#room === undefined) await this.#host.fetchRoom(this.conversation);
      await this.#fillTail();
      const room = this.#room;
      if (room !== undefined) this.#host.loadMarkers(room);
    });
    this.loading.value = false;
  }

  /** Have a screenful at the newest end. */
  async #fillTail(): Promise<void> {
    const room = this.#room;
    if (room !== undefined && this.#far === null && room.tail.length < ENOUGH && room.tail.lo > room.floor) await this.loadOlder();
  }

  loadOlder(count = PAGE): Promise<void> {
    this.#older ??= this.#busy(this.loadingOlder, async () => {
      const room = this.#room;
      const far = this.#far;
      const span = far?.span ?? room?.tail;
      if (room === undefined || span === undefined || span.lo <= room.floor) return;
      const page = await this.#host.history(this.conversation, `before=${span.lo}&limit=${count}`);
      if (this.#room !== room || this.#far !== far) return;
      const lo = page.more_before ? (page.messages[0]?.seq ?? span.lo) : room.floor;
      if (far !== null) this.#extendFar(lo, page.messages);
      else this.#host.store.extendTail(room, lo, page.messages);
      await this.#completePage(room, page);
    }).finally(() => {
      this.#older = null;
    });
    return this.#older;
  }

  loadNewer(count = PAGE): Promise<void> {
    this.#newer ??= this.#busy(this.loadingNewer, async () => {
      const room = this.#room;
      const far = this.#far;
      if (room === undefined || far === null) return;
      const page = await this.#host.history(this.conversation, `after=${far.hi}&limit=${count}`);
      if (this.#room !== room || this.#far !== far) return;
      far.hi = Math.max(far.hi, page.messages[page.messages.length - 1]?.seq ?? 0);
      this.#extendFar(far.span.lo, page.messages);
      await this.#completePage(room, page);
    }).finally(() => {
      this.#newer = null;
    });
    return this.#newer;
  }

  async loadAround(seq: number): Promise<void> {
    await this.#guard(async () => {
      const room = this.#room;
      if (room === undefined || (this.#far !== null && seq >= this.#far.span.lo && seq <= this.#far.hi)) return;
      if (seq >= room.tail.lo) return this.#leaveFar();
      const page = await this.#host.history(this.conversation, `around=${seq}&limit=${PAGE}`);
      if (this.#room !== room || page.messages.length === 0) return;
      const lo = page.more_before ? page.messages[0]!.seq : room.floor;
      this.#far = { span: new Span(lo, page.messages), hi: page.messages[page.messages.length - 1]!.seq };
      this.#extendFar(lo, []);
      await this.#completePage(room, page);
    });
  }

  async loadNewest(): Promise<void> {
    this.#leaveFar();
    await this.#guard(() => this.#fillTail());
  }

  #leaveFar(): void {
    this.#far = null;
    this.#redraw();
  }

  /** Lengthen the run of its own; where it reaches the tail it becomes part of it. */
  #extendFar(lo: number, messages: readonly Message[]): void {
    const far = this.#far;
    const room = this.#room;
    if (far === null || room === undefined) return;
    far.span.extend(lo, messages);
    if (far.hi >= room.tail.lo - 1) {
      this.#far = null;
      this.#host.store.extendTail(room, far.span.lo, far.span.snapshot());
    }
    this.#redraw();
  }

  #redraw(): void {
    this.#host.store.change(() => this.#host.store.touch(this.conversation, false));
  }

  async #completePage(room: Room, page: HistoryPage): Promise<void> {
    if (room.cursor !== null && page.mod < room.cursor) await this.#host.complete(room, page.mod);
  }

  async #busy(flag: Signal<boolean>, action: () => Promise<void>): Promise<void> {
    flag.value = true;
    await this.#guard(action);
    flag.value = false;
  }

  /** Run a load; a failure is shown, not thrown. */
  async #guard(action: () => Promise<void>): Promise<void> {
    this.problem.value = null;
    try {
      await action();
    } catch (error) {
      const problem = asProblem(error);
      if (!this.#closed && problem.name !== 'stopped') this.problem.value = problem;
    }
  }
}

/** For tests and bots: a timeline's messages only. */
export const messagesOf = (timeline: Timeline): ReadonlySignal<readonly Message[]> =>
  computed(() => timeline.items.value.flatMap((item) => item.message ?? []));
