// SPDX-License-Identifier: Apache-2.0
//
// Everything of one account in one tab: state, storage, and a role among the tabs.
//
// Job: put store, keeper, fetcher, drafts, people, timelines and role (leader or follower) together, and carry commands to
// whichever role this tab has, also when it changes on the way.

import { signal, type Signal } from '@preact/signals-core';
import type { Arrival, Connection, SendInput } from './api.ts';
import type { Core, Note, Role } from './core.ts';
import { Drafts } from './drafts.ts';
import { Fetcher } from './fetcher.ts';
import { Follower } from './follower.ts';
import { asProblem, retryPause, type Http } from './http.ts';
import { uuid } from './ids.ts';
import { Keeper } from './keeper.ts';
import { Leader } from './leader.ts';
import type { LinkOptions, Request } from './link.ts';
import { MembersView } from './members.ts';
import { nextOrder } from './outbox.ts';
import { People } from './people.ts';
import { offline } from './problem.ts';
import type { Account, Command, Id } from './protocol.ts';
import type { Storage } from './storage.ts';
import { Store } from './store.ts';
import { Tabs, type Locks, type TabsHost } from './tabs.ts';
import { TimelineView } from './timeline.ts';
import { sleep, Timer } from './timing.ts';

export interface DeskOptions {
  readonly http: Http;
  readonly storage: Storage;
  readonly account: Account;
  readonly link: Pick<LinkOptions, 'name' | 'only' | 'firstPauseMs' | 'connect'>;
  readonly channel: (new (name: string) => BroadcastChannel) | undefined;
  readonly locks: Locks | undefined;
  readonly log: (line: string) => void;
  readonly onArrival: (arrival: Arrival) => void;
  readonly onDenied: () => void;
  readonly onRefused: () => void;
}

const PERFORM_MS = 30_000;
const PERFORM_TRIES = 4;
const READ_MS = 250;
const TYPING_AGAIN_MS = 3_000;

/** What becomes of an account's storage when its desk is closed: `forget` empties it; `drop` writes nothing more, because
 *  another tab empties it. */
export type Kept = 'keep' | 'forget' | 'drop';

export class Desk implements TabsHost {
  readonly store: Store;
  readonly people: People;
  readonly drafts: Drafts;
  readonly fetcher: Fetcher;
  readonly account: Signal<Account>;
  readonly connection = signal<Connection>({ state: 'connecting' });
  readonly leading = signal(false);
  readonly #options: DeskOptions;
  readonly #keeper: Keeper;
  readonly #tabs: Tabs;
  readonly #core: Core;
  readonly #views = new Set<TimelineView | MembersView>();
  readonly #reads = new Map<Id, number>();
  readonly #readTimer = new Timer();
  readonly #typing = new Map<Id, number>();
  #role: Role | null = null;
  #closed = false;

  constructor(options: DeskOptions) {
    const { http, storage, account, log } = options;
    this.#options = options;
    this.account = signal(account);
    this.#keeper = new Keeper(storage, account.id, log);
    this.store = new Store(account.id, {
      save: (rooms) => this.#save(rooms),
      ownMessage: (ref) => this.#role?.shown(ref),
      arrival: options.onArrival,
      needCounts: (room) => this.fetcher.wantCounts(room),
      needChanges: (room, since) => void this.fetcher.complete(room, since).catch((error: unknown) => log(`changes: ${asProblem(error).name}`)),
      accountChanged: (changed) => {
        this.account.value = changed;
        this.people.learn([changed]);
      },
      profileAt: (id, mod) => this.people.at(id, mod),
      draftChanged: (conversation, text) => this.drafts.fromServer(conversation, text),
      watchChanged: () => this.#role?.watchChanged(),
    });
    this.fetcher = new Fetcher(http, this.store, () => this.#role?.reset());
    this.people = new People(http, this.#keeper, (id) => this.store.presence.see(id));
    this.drafts = new Drafts(http, this.#keeper, this.store);
    this.#tabs = new Tabs({ name: `parley/${account.id}`, host: this, channel: options.channel, locks: options.locks });
    this.#core = this.#makeCore();
  }

  #makeCore(): Core {
    const { http, link, log, onDenied, onRefused } = this.#options;
    return {
      http, link, log,
      store: this.store, keeper: this.#keeper, fetcher: this.fetcher, drafts: this.drafts,
      account: this.account, connection: this.connection, tabId: this.#tabs.id,
      post: (to, note) => this.#tabs.post(to, note),
      denied: onDenied,
      refused: onRefused,
      takeOver: () => this.#tabs.takeOver(),
    };
  }

  /** Show what storage holds, then take part. */
  async open(): Promise<void> {
    const [saved, entries, drafts, people] = await Promise.all([
      this.#keeper.rooms(), this.#keeper.entries(), this.#keeper.drafts(), this.#keeper.people(),
    ]);
    if (this.#closed) return;
    this.people.load(people);
    this.people.learn([this.account.peek()]);
    this.store.change(() => {
      if (saved !== null) this.store.merge(saved.epoch, saved.accountMod, saved.rooms);
      for (const entry of entries) this.store.showEntry(entry.ref, entry);
      this.drafts.load(drafts);
    });
    this.#tabs.start();
  }

  /** Stop. */
  async close(kept: Kept): Promise<void> {
    this.#closed = true;
    this.#flushReads();
    for (const view of this.#views) view.close();
    this.#role?.close();
    this.#tabs.close();
    this.fetcher.close();
    this.people.close();
    this.store.typing.clear();
    await this.drafts.close(kept === 'keep');
    await (kept === 'forget' ? this.#keeper.forget() : kept === 'keep' ? this.#keeper.flush() : this.#keeper.drop());
  }

  /** Connect again after the session was renewed. */
  resume(account: Account): void {
    this.account.value = account;
    this.#role?.connect();
  }

  get unsent(): { entries: number; drafts: number } {
    return { entries: this.store.outbox.peek().filter((entry) => entry.state !== 'sent').length, drafts: this.drafts.unsent };
  }

  #save(rooms: ReadonlySet<Id>): void {
    if (this.leading.peek()) this.#keeper.save(this.store, rooms);
  }

  // ---- role ---------------------------------------------------------------------------------------------------------

  onLead(): void {
    this.#become(true, () => new Leader(this.#core));
  }

  onFollow(): void {
    this.#become(false, () => new Follower(this.#core));
  }

  #become(leading: boolean, make: () => Role): void {
    const before = this.#role;
    this.#role = null;
    before?.close();
    this.leading.value = leading;
    this.#role = make();
    this.#options.log(leading ? 'this tab holds the link' : 'another tab holds the link');
  }

  onMessage(from: string, message: unknown): void {
    const note = message as Note;
    if (note.kind === 'draft') this.drafts.mirror(note.conversation, note.draft);
    else this.#role?.onNote(from, note);
  }

  wake(): void {
    this.#role?.wake();
  }

  flush(): void {
    this.#flushReads();
    void this.drafts.flush();
    void this.#keeper.flush();
  }

  connect(): void {
    this.#role?.connect();
  }

  // ---- commands -----------------------------------------------------------------------------------------------------

  /** Run a command that sets a state; repeated until answered, but not for ever: the person is waiting. */
  async perform(command: Request): Promise<void> {
    const limit = new Timer();
    let late = false;
    limit.set(PERFORM_MS, () => {
      late = true;
      this.#role?.drop(command.ref);
    });
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          await (this.#role?.request(command) ?? Promise.reject(offline()));
          return;
        } catch (error) {
          const problem = asProblem(error);
          if (late) throw offline();
          const again = problem.retryable || (problem.name === 'stopped' && !this.#closed);
          if (!again || attempt >= PERFORM_TRIES) throw problem;
          await sleep(problem.name === 'stopped' ? 50 : retryPause(problem, attempt));
        }
      }
    } finally {
      limit.clear();
    }
  }

  async send(conversation: Id, input: SendInput): Promise<string> {
    const ref = uuid();
    const { body, reply_to = null, thread = null, mentions = [], attachments = [] } = input;
    const created = Date.now();
    const entry = { ref, conversation, body, reply_to, thread, mentions, attachments, created, order: nextOrder(), state: 'waiting', seq: null, problem: null } as const;
    if (this.#role !== null) await this.#role.add(entry);
    else await this.#addBeforeRole(entry);
    this.setTyping(conversation, false);
    return ref;
  }

  /** Not yet decided who leads: storage has it, and whoever leads takes it from there. */
  async #addBeforeRole(entry: Parameters<Role['add']>[0]): Promise<void> {
    this.store.showEntry(entry.ref, entry);
    await this.#keeper.entry(entry.ref, entry);
    await (this.#role as Role | null)?.add(entry);
  }

  retry(ref: string): void {
    this.#role?.retry(ref);
  }

  discard(ref: string): void {
    this.#role?.discard(ref);
  }

  tell(command: Command): void {
    this.#role?.tell(command);
  }

  read(conversation: Id, seq: number): void {
    const marker = this.store.markRead(conversation, seq);
    if (marker === null) return;
    this.#reads.set(conversation, marker);
    this.#readTimer.setOnce(READ_MS, () => this.#flushReads());
  }

  #flushReads(): void {
    this.#readTimer.clear();
    for (const [conversation, seq] of this.#reads) this.tell({ type: 'read', conversation, seq });
    this.#reads.clear();
  }

  setTyping(conversation: Id, on: boolean): void {
    const said = this.#typing.get(conversation) ?? 0;
    const now = Date.now();
    if (on ? now - said < TYPING_AGAIN_MS : said === 0) return;
    if (on) this.#typing.set(conversation, now);
    else this.#typing.delete(conversation);
    this.tell({ type: 'typing', conversation, on });
  }

  setDraft(conversation: Id, draft: { text: string; reply_to: number | null }): void {
    this.drafts.set(conversation, draft);
    this.#tabs.post(null, { kind: 'draft', conversation, draft } satisfies Note);
  }

  // ---- views --------------------------------------------------------------------------------------------------------

  timeline(conversation: Id): TimelineView {
    const { store, fetcher } = this;
    return this.#keep((closed) => new TimelineView(conversation, {
      store, closed,
      history: (id, query) => fetcher.history(id, query),
      complete: (room, since) => fetcher.complete(room, since),
      fetchRoom: (id) => this.#ready().then(() => (store.room(id) === undefined ? fetcher.fetchRoom(id) : undefined)),
      loadMarkers: (room) => fetcher.loadMarkers(room),
    }));
  }

  members(conversation: Id): MembersView {
    return this.#keep((closed) => new MembersView(conversation, this.store, this.fetcher, closed));
  }

  #keep<T extends TimelineView | MembersView>(make: (closed: () => void) => T): T {
    const view: T = make(() => this.#views.delete(view));
    this.#views.add(view);
    return view;
  }

  /** The list is known, or cannot be had at the moment. */
  #ready(): Promise<void> {
    if (this.store.loaded.peek()) return Promise.resolve();
    return new Promise((resolve) => {
      const limit = new Timer();
      const done = this.store.loaded.subscribe((loaded) => {
        if (!loaded) return;
        limit.clear();
        queueMicrotask(() => done());
        resolve();
      });
      limit.set(5_000, () => {
        done();
        resolve();
      });
    });
  }
}
