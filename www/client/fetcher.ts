// SPDX-License-Identifier: Apache-2.0
//
// What the store cannot know from events, read over HTTP: the list, one conversation, its changes, counts and members.
//
// Invariant: of one kind and conversation one request is under way; a second wish joins or follows it.

import type { Http } from './http.ts';
import { asProblem } from './http.ts';
import { badAnswer, Problem } from './problem.ts';
import {
  RECEIPTS_MAX_MEMBERS, decodeChanges, decodeConversation, decodeConversations, decodeHistory, decodeMember, decodePage, object,
  type ChangesPage, type ConversationRow, type HistoryPage, type Id,
} from './protocol.ts';
import type { Room } from './room.ts';
import type { Store } from './store.ts';
import { Timer } from './timing.ts';

export type WholeRow = ConversationRow & { readonly mod: number };

const LIST = 1000;
const CHANGES = 200;
const MEMBERS = 200;
const COUNTS_MS = 300;
const COUNTS_AGAIN_MS = 2_000;

export const decodeRow = (x: unknown): WholeRow => decodeConversation(object(x).conversation);

export class Fetcher {
  readonly #http: Http;
  readonly #store: Store;
  /** /api/changes says `reset`, or names another epoch. */
  readonly #onReset: () => void;
  readonly #changes = new Map<Id, { readonly room: Room; since: number; done: Promise<void> }>();
  /** By room, not by id: a room that took another's place has a roster of its own to load. */
  readonly #rosters = new WeakMap<Room, Promise<void>>();
  readonly #counts = new Set<Room>();
  readonly #timer = new Timer();

  constructor(http: Http, store: Store, onReset: () => void) {
    this.#http = http;
    this.#store = store;
    this.#onReset = onReset;
  }

  close(): void {
    this.#timer.clear();
    this.#counts.clear();
  }

  /** The whole list, into the store, which forgets what it held. */
  async readList(): Promise<void> {
    const first = await this.#list('');
    const rows = new Map(first.conversations.map((row) => [row.id, row]));
    for (let page = first, after = '0'; page.more; after = page.conversations[page.conversations.length - 1]!.id) {
      page = await this.#list(`&after=${after}`);
      if (page.epoch !== first.epoch) throw badAnswer('The epoch changed while the list was read.');
      if (page.conversations.length === 0) break;
      for (const row of page.conversations) if (!rows.has(row.id)) rows.set(row.id, row);
    }
    this.#store.replace(first.epoch, first.account_mod, [...rows.values()]);
  }

  #list(query: string) {
    return this.#http.request('GET', `/api/conversations?limit=${LIST}${query}`, { decode: decodeConversations, tries: 2 });
  }

  /** One conversation that is not in the store. */
  async fetchRoom(conversation: Id): Promise<void> {
    this.#store.addProvisional(await this.#row(conversation));
  }

  #row(conversation: Id): Promise<WholeRow> {
    return this.#http.request('GET', `/api/conversations/${conversation}`, { decode: decodeRow });
  }

  history(conversation: Id, query: string): Promise<HistoryPage> {
    return this.#http.request('GET', `/api/history/${conversation}?${query}`, { decode: decodeHistory });
  }

  // ---- changes ------------------------------------------------------------------------------------------------------

  /** Take every change above `since`, up to the room's cursor at least. */
  async complete(room: Room, since: number): Promise<void> {
    const running = this.#changes.get(room.id);
    if (running !== undefined && running.room === room && running.since <= since) return running.done;
    if (running !== undefined) await running.done.catch(() => {});
    const done = this.#readChanges(room, since).finally(() => this.#changes.delete(room.id));
    this.#changes.set(room.id, { room, since, done });
    return done;
  }

  async #readChanges(room: Room, since: number): Promise<void> {
    for (let from = since, more = true; more && this.#store.room(room.id) === room; ) {
      const page = await this.#changesPage(room, from);
      if (this.#store.room(room.id) !== room) return;
      if (page.epoch !== this.#store.epoch) return this.#onReset();
      this.#store.applyChanges(room, page);
      more = page.more && page.mod > from;
      from = page.mod;
    }
  }

  async #changesPage(room: Room, since: number): Promise<ChangesPage> {
    try {
      return await this.#http.request('GET', `/api/changes/${room.id}?since=${since}&limit=${CHANGES}`, { decode: decodeChanges });
    } catch (error) {
      if (error instanceof Problem && error.name === 'reset' && this.#store.room(room.id) === room) this.#onReset();
      throw error;
    }
  }

  // ---- counts -------------------------------------------------------------------------------------------------------

  /** Ask for the counts of this conversation soon. */
  wantCounts(room: Room): void {
    this.#counts.add(room);
    this.#timer.setOnce(COUNTS_MS, () => void this.#readCounts());
  }

  async #readCounts(): Promise<void> {
    const rooms = [...this.#counts];
    this.#counts.clear();
    let again = false;
    for (const room of rooms) {
      if (!room.countsStale || this.#store.room(room.id) !== room) continue;
      try {
        if (this.#store.takeCounts(room, await this.#row(room.id))) continue;
      } catch (error) {
        const problem = asProblem(error);
        if (!problem.retryable) continue;
      }
      this.#counts.add(room);
      again = true;
    }
    if (again) this.#timer.setOnce(COUNTS_AGAIN_MS, () => void this.#readCounts());
  }

  // ---- members ------------------------------------------------------------------------------------------------------

  /** The next page of members; nothing when complete. */
  loadMembers(room: Room): Promise<void> {
    const running = this.#rosters.get(room);
    if (running !== undefined || room.rosterNext === null) return running ?? Promise.resolve();
    const done = this.#membersPage(room, room.rosterNext).finally(() => this.#rosters.delete(room));
    this.#rosters.set(room, done);
    return done;
  }

  async #membersPage(room: Room, after: string): Promise<void> {
    const path = `/api/groups/${room.id}/members?after=${after}&limit=${MEMBERS}`;
    const { items, more } = await this.#http.request('GET', path, { decode: decodePage('members', decodeMember) });
    this.#store.takeRoster(room, items, more ? (items[items.length - 1]?.account ?? null) : null);
  }

  /** All members of a small conversation, for their markers. Quiet about failures: ticks are a courtesy. */
  loadMarkers(room: Room): void {
    if (room.rosterNext !== null && room.row.members_count <= RECEIPTS_MAX_MEMBERS) this.loadMembers(room).catch(() => {});
  }
}
