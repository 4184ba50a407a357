// SPDX-License-Identifier: Apache-2.0
//
// createClient: the public face. The interface and its contract are in api.ts.
//
// Job: know who is logged in (phase, account), give that account a desk, and turn actions into requests and commands.
// Invariants: there is at most one desk; it belongs to the account that the server says is logged in. When a session ends
// by itself the desk stays, so that the screen does; another account always gets a new one.

import { batch, computed, signal, type ReadonlySignal } from '@preact/signals-core';
import type {
  Arrival, Client, ClientOptions, Connection, Conversation, Draft, GroupInput, GroupPatch, Members, OutboxEntry, Page, Phase,
  PublicGroup, SendInput, SettingsPatch, Timeline, Totals,
} from './api.ts';
import { Desk, type Kept } from './desk.ts';
import { decodeRow } from './fetcher.ts';
import { Http, asProblem } from './http.ts';
import { uuid } from './ids.ts';
import { lastAccount, rememberAccount } from './keeper.ts';
import { Problem, stopped } from './problem.ts';
import {
  decodeAccount, decodeAccountAnswer, decodeGroup, decodeLogin, decodePage, decodeSessions,
  type Account, type Id, type Presence, type Role, type SessionInfo,
} from './protocol.ts';
import { memoryStorage, type Storage } from './storage.ts';
import type { Locks } from './tabs.ts';
import { sleep } from './timing.ts';

export function createClient(options: ClientOptions): Client {
  return new ParleyClient(options);
}

/** How long the cache waits for word from the server before it is shown. */
const HEAD_START_MS = 1_500;
const PAGE = 50;
const EMPTY_DRAFT: Draft = { text: '', reply_to: null };
const CLOSED: Connection = { state: 'stopped', reason: 'closed' };

/** Between the tabs of all accounts: who is logged in has changed. */
type Notice = { readonly kind: 'login' } | { readonly kind: 'logout'; readonly account: Id };

class ParleyClient implements Client {
  readonly phase = signal<Phase>('starting');
  readonly account: ReadonlySignal<Account | null>;
  readonly connection: ReadonlySignal<Connection>;
  readonly leading: ReadonlySignal<boolean>;
  readonly loaded: ReadonlySignal<boolean>;
  readonly conversations: ReadonlySignal<readonly Conversation[]>;
  readonly conversationIds: ReadonlySignal<readonly Id[]>;
  readonly totals: ReadonlySignal<Totals>;
  readonly outbox: ReadonlySignal<readonly OutboxEntry[]>;
  readonly #options: ClientOptions;
  readonly #storage: Storage;
  readonly #http: Http;
  readonly #desk = signal<Desk | null>(null);
  /** The account while there is no desk for it (password phase). */
  readonly #known = signal<Account | null>(null);
  readonly #listeners = new Set<(arrival: Arrival) => void>();
  readonly #notices: BroadcastChannel | null;
  readonly #conversation = perId((id) => this.#desk.value?.store.view(id).value);
  readonly #person = perId((id) => this.#desk.value?.people.of(id).value);
  readonly #presence = perId<Presence | undefined>((id) => this.#desk.value?.store.presence.of(id).value);
  readonly #typing = perId<readonly Id[]>((id) => this.#desk.value?.store.typing.of(id).value ?? []);
  readonly #draft = perId<Draft>((id) => this.#desk.value?.store.draft(id).value ?? EMPTY_DRAFT);
  #checking: Promise<void> | null = null;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#storage = options.storage ?? memoryStorage();
    this.#http = new Http(options.origin, options.token ?? null);
    this.#http.onDenied = () => this.#onDenied();
    this.account = computed(() => this.#desk.value?.account.value ?? this.#known.value);
    this.connection = computed(() => this.#desk.value?.connection.value ?? CLOSED);
    this.leading = computed(() => this.#desk.value?.leading.value ?? false);
    this.loaded = computed(() => this.#desk.value?.store.loaded.value ?? false);
    this.conversations = computed(() => this.#desk.value?.store.conversations.value ?? []);
    this.conversationIds = computed(() => this.#desk.value?.store.order.value ?? []);
    this.outbox = computed(() => this.#desk.value?.store.outboxView.value ?? []);
    this.totals = computed(() => totalsOf(this.conversations.value));
    this.#notices = this.#openNotices();
  }

  conversation(id: Id): ReadonlySignal<Conversation | undefined> {
    return this.#conversation(id);
  }

  timeline(conversation: Id): Timeline {
    return this.#here.timeline(conversation);
  }

  members(conversation: Id): Members {
    return this.#here.members(conversation);
  }

  person(id: Id): ReadonlySignal<Account | undefined> {
    return this.#person(id);
  }

  presence(id: Id): ReadonlySignal<Presence | undefined> {
    return this.#presence(id);
  }

  typing(conversation: Id): ReadonlySignal<readonly Id[]> {
    return this.#typing(conversation);
  }

  draft(conversation: Id): ReadonlySignal<Draft> {
    return this.#draft(conversation);
  }

  onArrival(listener: (arrival: Arrival) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // ---- life ---------------------------------------------------------------------------------------------------------

  async start(): Promise<void> {
    const last = await lastAccount(this.#storage).catch(() => null);
    const asked = this.#whoAmI().then(
      (account) => ({ account, problem: null }),
      (error: unknown) => ({ account: null, problem: asProblem(error) }),
    );
    const soon = last === null ? await asked : await Promise.race([asked, sleep(HEAD_START_MS).then(() => null)]);
    if (soon === null || soon.problem?.retryable) {
      if (last !== null) await this.#enter(last);
      else this.phase.value = 'anonymous';
      if (soon === null) void asked.then(({ account, problem }) => this.#onWho(account, problem));
    } else {
      await this.#onWho(soon.account, soon.problem);
    }
  }

  wake(): void {
    this.#desk.peek()?.wake();
  }

  flush(): void {
    this.#desk.peek()?.flush();
  }

  connect(): void {
    this.#desk.peek()?.connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#notices?.close();
    await this.#desk.peek()?.close('keep');
    this.#storage.close();
  }

  // ---- who is logged in ---------------------------------------------------------------------------------------------

  get #here(): Desk {
    const desk = this.#desk.peek();
    if (desk === null) throw stopped();
    return desk;
  }

  #whoAmI(): Promise<Account> {
    return this.#http.request('GET', '/api/me', { decode: decodeAccountAnswer, anonymous: true, tries: 2, timeoutMs: 8_000 });
  }

  /** The server has said who we are, or that it does not know us. */
  async #onWho(account: Account | null, problem: Problem | null): Promise<void> {
    if (this.#closed) return;
    if (account !== null) await this.#admit(account);
    else if (problem?.status === 401) this.phase.value = this.#desk.peek() === null ? 'anonymous' : 'expired';
    else if (this.phase.peek() === 'starting') this.phase.value = 'anonymous';
  }

  #admit(account: Account): Promise<void> {
    return account.must_change_password ? this.#leave('password', account, 'keep') : this.#enter(account);
  }

  /** Comings and goings, one after the other. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.catch(() => {}).then(work);
    return this.#turn;
  }

  #enter(account: Account): Promise<void> {
    return this.#inTurn(() => this.#sitDown(account));
  }

  /** At this account's desk: the one that is there, or a new one. */
  async #sitDown(account: Account): Promise<void> {
    const desk = this.#desk.peek();
    if (desk?.store.me === account.id) {
      this.phase.value = 'in';
      desk.resume(account);
      return;
    }
    await desk?.close('keep');
    await rememberAccount(this.#storage, account).catch(() => {});
    const fresh = this.#makeDesk(account);
    await fresh.open();
    if (this.#closed) return fresh.close('keep');
    batch(() => {
      this.#desk.value = fresh;
      this.#known.value = account;
      this.phase.value = 'in';
    });
  }

  /** Get up from the desk: nobody sits at one while in this phase. */
  #leave(phase: 'anonymous' | 'password', known: Account | null, kept: Kept): Promise<void> {
    return this.#inTurn(async () => {
      const desk = this.#desk.peek();
      batch(() => {
        this.#desk.value = null;
        this.#known.value = known;
        this.phase.value = phase;
      });
      await desk?.close(kept);
    });
  }

  #makeDesk(account: Account): Desk {
    const { tabs = false, only, name = 'parley', retryWebSocketMs = 60_000, log = () => {} } = this.#options;
    return new Desk({
      http: this.#http, storage: this.#storage, account, log,
      link: { name, firstPauseMs: retryWebSocketMs, ...(only === undefined ? {} : { only }) },
      channel: tabs ? globalThis.BroadcastChannel : undefined,
      locks: (globalThis.navigator as { locks?: Locks } | undefined)?.locks,
      onArrival: (arrival) => this.#listeners.forEach((listener) => listener(arrival)),
      onDenied: () => this.#onDenied(),
      onRefused: () => void this.#recheck(),
    });
  }

  /** A request or the link was told that our session is no good: ask once what that means. */
  #onDenied(): void {
    void this.#recheck();
  }

  #recheck(): Promise<void> {
    this.#checking ??= this.#whoAmI()
      .then((account) => this.#onWho(account, null), (error: unknown) => this.#onWho(null, asProblem(error)))
      .finally(() => {
        this.#checking = null;
      });
    return this.#checking;
  }

  #openNotices(): BroadcastChannel | null {
    if (!this.#options.tabs || globalThis.BroadcastChannel === undefined) return null;
    const channel = new BroadcastChannel('parley');
    channel.onmessage = (event: MessageEvent) => this.#onNotice(event.data as Notice);
    return channel;
  }

  #onNotice(notice: Notice): void {
    if (notice.kind === 'login') void this.#recheck();
    else if (this.account.peek()?.id === notice.account) void this.#forgetAccount('drop');
  }

  #forgetAccount(kept: Kept): Promise<void> {
    this.#http.token = null;
    return this.#leave('anonymous', null, kept);
  }

  // ---- session ------------------------------------------------------------------------------------------------------

  register(input: { login: string; password: string; display_name: string; invite?: string }): Promise<Account> {
    return this.#http.request('POST', '/api/register', { body: input, decode: decodeAccountAnswer, anonymous: true });
  }

  async login(input: { login: string; password: string; bearer?: boolean }): Promise<{ account: Account; token: string | null }> {
    const answer = await this.#http.request('POST', '/api/login', { body: input, decode: decodeLogin, anonymous: true });
    if (answer.token !== null) this.#http.token = answer.token;
    await this.#admit(answer.account);
    this.#notices?.postMessage({ kind: 'login' } satisfies Notice);
    return answer;
  }

  unsent(): { entries: number; drafts: number } {
    return this.#desk.peek()?.unsent ?? { entries: 0, drafts: 0 };
  }

  async logout(): Promise<void> {
    const account = this.account.peek();
    try {
      await this.#http.request('POST', '/api/logout', { anonymous: true, repeat: true, tries: 2 });
    } catch (error) {
      if (asProblem(error).status !== 401) throw error;
    }
    if (account !== null) this.#notices?.postMessage({ kind: 'logout', account: account.id } satisfies Notice);
    await this.#forgetAccount('forget');
    await rememberAccount(this.#storage, null).catch(() => {});
  }

  async changePassword(current: string, next: string): Promise<void> {
    await this.#http.request('POST', '/api/password', { body: { current, new: next } });
    if (this.phase.peek() === 'password') await this.#recheck();
  }

  async updateProfile(patch: { display_name?: string; avatar?: string | null }): Promise<Account> {
    const account = await this.#http.request('PATCH', '/api/me', { body: patch, decode: decodeAccountAnswer, repeat: true });
    const desk = this.#desk.peek();
    if (desk !== null) desk.account.value = account;
    desk?.people.learn([account]);
    return account;
  }

  sessions(): Promise<readonly SessionInfo[]> {
    return this.#http.request('GET', '/api/sessions', { decode: decodeSessions });
  }

  async revokeSession(id: Id): Promise<void> {
    await this.#http.request('DELETE', `/api/sessions/${id}`, { repeat: true });
  }

  // ---- messages -----------------------------------------------------------------------------------------------------

  async send(conversation: Id, input: SendInput): Promise<string> {
    return this.#here.send(conversation, input);
  }

  async retry(ref: string): Promise<void> {
    this.#here.retry(ref);
  }

  async discard(ref: string): Promise<void> {
    this.#here.discard(ref);
  }

  async edit(conversation: Id, seq: number, body: string, mod?: number): Promise<void> {
    await this.#here.perform({ type: 'edit', ref: uuid(), conversation, seq, body, ...(mod === undefined ? {} : { mod }) });
  }

  async remove(conversation: Id, seq: number): Promise<void> {
    await this.#here.perform({ type: 'delete', ref: uuid(), conversation, seq });
  }

  async react(conversation: Id, seq: number, emoji: string, on: boolean): Promise<void> {
    await this.#here.perform({ type: on ? 'react' : 'unreact', ref: uuid(), conversation, seq, emoji });
  }

  async pin(conversation: Id, seq: number, on: boolean): Promise<void> {
    await this.#here.perform({ type: on ? 'pin' : 'unpin', ref: uuid(), conversation, seq });
  }

  read(conversation: Id, seq: number): void {
    this.#desk.peek()?.read(conversation, seq);
  }

  setTyping(conversation: Id, on: boolean): void {
    this.#desk.peek()?.setTyping(conversation, on);
  }

  setDraft(conversation: Id, draft: Draft | null): void {
    this.#desk.peek()?.setDraft(conversation, draft ?? EMPTY_DRAFT);
  }

  setStatus(state: 'online' | 'away' | 'dnd' | 'invisible', extra: { text?: string; emoji?: string } = {}): void {
    this.#desk.peek()?.tell({ type: 'status', state, ...extra });
  }

  watch(accounts: readonly Id[]): void {
    this.#desk.peek()?.store.presence.name(accounts);
  }

  // ---- conversations and people -------------------------------------------------------------------------------------

  async direct(account: Id): Promise<Id> {
    return this.#made(await this.#http.request('POST', '/api/direct', { body: { account }, decode: decodeRow, repeat: true }));
  }

  async createGroup(input: GroupInput): Promise<Id> {
    const body = { ...input, ref: uuid() };
    return this.#made(await this.#http.request('POST', '/api/groups', { body, decode: decodeRow, repeat: true }));
  }

  #made(row: ReturnType<typeof decodeRow>): Id {
    this.#desk.peek()?.store.addProvisional(row);
    return row.id;
  }

  updateGroup(id: Id, patch: GroupPatch): Promise<void> {
    return this.#http.request('PATCH', `/api/groups/${id}`, { body: patch, repeat: true });
  }

  deleteGroup(id: Id): Promise<void> {
    return this.#http.request('DELETE', `/api/groups/${id}`);
  }

  joinGroup(id: Id): Promise<void> {
    return this.#http.request('POST', `/api/groups/${id}/join`, { repeat: true });
  }

  leaveGroup(id: Id): Promise<void> {
    return this.removeMember(id, this.#here.store.me);
  }

  addMembers(id: Id, accounts: readonly Id[], role?: Role): Promise<void> {
    const body = { accounts, ...(role === undefined ? {} : { role }) };
    return this.#http.request('POST', `/api/groups/${id}/members`, { body, repeat: true });
  }

  setRole(id: Id, account: Id, role: Role): Promise<void> {
    return this.#http.request('PATCH', `/api/groups/${id}/members/${account}`, { body: { role }, repeat: true });
  }

  removeMember(id: Id, account: Id): Promise<void> {
    return this.#http.request('DELETE', `/api/groups/${id}/members/${account}`);
  }

  async updateSettings(id: Id, patch: SettingsPatch): Promise<void> {
    const row = await this.#http.request('PATCH', `/api/conversations/${id}/me`, { body: patch, decode: decodeRow, repeat: true });
    this.#desk.peek()?.store.mergeAnswer(row);
  }

  async searchPeople(query: string, after?: string): Promise<Page<Account>> {
    const path = `/api/accounts?${listing(query, after)}`;
    const { items, more } = await this.#http.request('GET', path, { decode: decodePage('accounts', decodeAccount), tries: 2 });
    this.#desk.peek()?.people.learn(items);
    return pageOf(items, more);
  }

  async searchGroups(query: string, after?: string): Promise<Page<PublicGroup>> {
    const path = `/api/groups?${listing(query, after)}`;
    const { items, more } = await this.#http.request('GET', path, { decode: decodePage('groups', decodeGroup), tries: 2 });
    return pageOf(items, more);
  }

  request<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    return this.#http.request(method, path, { body, decode: (x) => x as T });
  }
}

/** One computed signal for each id. */
function perId<T>(value: (id: Id) => T): (id: Id) => ReadonlySignal<T> {
  const made = new Map<Id, ReadonlySignal<T>>();
  return (id) => {
    let s = made.get(id);
    if (s === undefined) made.set(id, (s = computed(() => value(id))));
    return s;
  };
}

function totalsOf(conversations: readonly Conversation[]): Totals {
  const totals = { unread: 0, mentions: 0, waiting: 0, failed: 0 };
  const now = Date.now();
  for (const c of conversations) {
    totals.waiting += c.waiting;
    totals.failed += c.failed;
    totals.mentions += c.mentions;
    if (c.notify === 'none' || (c.muted_until !== null && Date.parse(c.muted_until) > now)) continue;
    totals.unread += c.unread;
    if (c.kind === 'direct') totals.mentions += c.unread - c.mentions;
  }
  return totals;
}

const listing = (query: string, after?: string): string =>
  new URLSearchParams({ q: query, limit: String(PAGE), ...(after === undefined ? {} : { after }) }).toString();

const pageOf = <T extends { readonly id: Id }>(items: readonly T[], more: boolean): Page<T> => ({
  items, next: more ? (items[items.length - 1]?.id ?? null) : null,
});
