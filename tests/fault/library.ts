// SPDX-License-Identifier: Apache-2.0
//
// A device made of the project's own client library, as the web application is: what its timelines show is what it saw, and
// its outbox says what was acknowledged.

import { createClient, type Client, type Timeline, type TimelineItem } from '../../www/client/index.ts';
import { Api } from '../lib/http.ts';
import type { Person } from '../lib/stack.ts';
import { until } from '../lib/wait.ts';
import { readPage, type Device, type World } from './device.ts';
import { stateOf, type State } from './history.ts';
import type { Pipe } from './pipe.ts';

export class LibraryDevice implements Device {
  readonly name: string;
  readonly account: string;
  readonly pipe: Pipe;
  readonly client: Client;
  #world: World;
  #api: Api;
  #timelines = new Map<string, Timeline>();
  /** The state last seen, by conversation and seq: id and mod, for after a restore another message may have both seq and mod. */
  #seen = new Map<string, Map<number, string>>();
  #waiting = new Map<string, { life: string; n: number }>();
  #life = '';
  #lives = 0;
  #calls = 0;

  constructor(world: World, name: string, person: Person, pipe: Pipe) {
    this.#world = world;
    this.name = name;
    this.account = person.id;
    this.pipe = pipe;
    this.#api = new Api(pipe.url, person.token);
    this.client = createClient({ origin: pipe.url, token: person.token!, log: () => {}, retryWebSocketMs: 5_000 });
    this.client.connection.subscribe(({ state }) => this.#linked(state === 'connected'));
    this.client.conversationIds.subscribe(() => this.#open());
    this.client.outbox.subscribe(() => this.#answers());
  }

  get ready(): boolean {
    return this.client.connection.peek().state === 'connected';
  }
  get settled(): boolean {
    return this.#calls === 0 && this.client.outbox.peek().every(({ state }) => state !== 'waiting');
  }
  states(conversation: string): Map<number, State> {
    const items = this.#timelines.get(conversation)?.items.peek() ?? [];
    return new Map(items.flatMap(({ message }) => (message ? [[message.seq, stateOf(message)] as const] : [])));
  }
  /** As they are shown, so that one shown twice is seen. */
  shown(conversation: string): State[] {
    return (this.#timelines.get(conversation)?.items.peek() ?? []).flatMap(({ message }) => (message ? [stateOf(message)] : []));
  }
  conversations(): string[] {
    return this.client.conversations.peek().filter(({ my_role: role }) => role !== null).map(({ id }) => id);
  }
  #about(conversation: string) {
    return { device: this.name, account: this.account, conversation };
  }

  async start(): Promise<void> {
    await this.client.start();
    await until(`${this.name} is ready`, () => this.ready && this.client.loaded.peek(), 60_000);
  }

  #linked(up: boolean): void {
    const about = { device: this.name, account: this.account };
    if (up && this.#life) this.#world.history.add({ is: 'ready', device: this.name, life: this.#life, whole: false });
    else if (!up) {
      if (this.#life) this.#world.history.add({ is: 'gone', device: this.name, life: this.#life });
      this.#life = `${this.name}.${++this.#lives}`;
      this.#world.history.add({ is: 'life', ...about, life: this.#life, relay: '' });
    }
  }

  /** A timeline of each conversation it is in. Of one that it comes into, what is earlier is read only when somebody scrolls. */
  #open(): void {
    const now = new Set(this.conversations());
    for (const [id, timeline] of this.#timelines) {
      if (now.has(id)) continue;
      timeline.close();
      this.#timelines.delete(id);
      this.#seen.delete(id);
      this.#world.history.add({ is: 'drops', ...this.#about(id) });
    }
    for (const id of now) {
      if (this.#timelines.has(id)) continue;
      const timeline = this.client.timeline(id);
      this.#timelines.set(id, timeline);
      this.#world.history.add({ is: 'follows', ...this.#about(id), from: (this.client.conversation(id).peek()?.last_seq ?? 0) + 1 });
      let before: readonly TimelineItem[] = [];
      timeline.items.subscribe((items) => {
        // Taken in again while it is open, it begins anew.
        if ((items[0]?.message?.seq ?? 0) > (before[0]?.message?.seq ?? Infinity)) {
          this.#world.history.add({ is: 'drops', ...this.#about(id) });
          this.#world.history.add({ is: 'follows', ...this.#about(id), from: (items.findLast(({ message }) => message)?.message?.seq ?? 0) + 1 });
        }
        items.forEach((item, i) => item !== before[i] && item.message && this.#saw(id, item.message));
        before = items;
      });
    }
  }

  #saw(id: string, message: Record<string, any>): void {
    const seen = this.#seen.get(id) ?? new Map<number, string>();
    this.#seen.set(id, seen);
    const state = `${message.id} ${message.mod}`;
    if (seen.get(message.seq) === state) return;
    seen.set(message.seq, state);
    this.#world.history.add({ is: 'saw', ...this.#about(id), life: this.#life, path: 'changes', state: stateOf(message) });
    if (message.ref) this.#acknowledged(message.ref, id, message.seq, message.mod);
  }

  #answers(): void {
    for (const { ref, conversation, state, seq, problem } of this.client.outbox.peek()) {
      if (state === 'sent' && seq !== null) this.#acknowledged(ref, conversation, seq, 0);
      else if (state === 'failed' && this.#waiting.has(ref)) {
        // Across two links, or two eras, it may have been tried twice.
        const { life, n } = this.#waiting.get(ref)!;
        this.#world.history.add({ is: 'no', key: ref, problem: problem?.type ?? '', final: life === this.#life && this.#world.history.valid(n) });
        this.#waiting.delete(ref);
      }
    }
  }

  #acknowledged(ref: string, conversation: string, seq: number, mod: number): void {
    const waiting = this.#waiting.get(ref);
    if (!waiting || !this.#world.history.valid(waiting.n)) return;
    this.#waiting.delete(ref);
    this.#world.history.add({ is: 'ok', key: ref, conversation, seq, mod });
  }

  send(conversation: string, text: string, replyTo?: number): void {
    const reply = replyTo === undefined ? {} : { reply_to: replyTo };
    this.#call(this.client.send(conversation, { body: text, ...reply }).then((ref) => {
      const { n } = this.#world.history.add({ is: 'try', key: ref, op: 'send', ...this.#about(conversation), body: text, fifo: this.name, ...reply });
      this.#waiting.set(ref, { life: this.#life, n });
    }));
  }

  change(op: 'edit' | 'delete' | 'react' | 'unreact', conversation: string, seq: number, text?: string): void {
    const { history } = this.#world;
    const { n } = history.add({ is: 'try', key: `${this.name} ${history.next}`, op, ...this.#about(conversation), seq, ...(op === 'edit' ? { body: text! } : {}) });
    const call = op === 'edit' ? this.client.edit(conversation, seq, text!) : op === 'delete' ? this.client.remove(conversation, seq) : this.client.react(conversation, seq, text!, op === 'react');
    this.#call(call.then(() => {
      if (history.valid(n)) history.add({ is: 'ok', key: `${this.name} ${n}`, conversation, seq, mod: 0 });
    }));
  }

  /** Counts what is under way; a refusal shows in the outbox, or is the server's right. */
  #call(promise: Promise<unknown>): void {
    this.#calls++;
    void promise.catch(() => {}).finally(() => this.#calls--);
  }

  read(conversation: string, seq: number): void {
    this.client.read(conversation, seq);
  }

  async page(conversation: string): Promise<void> {
    await readPage(this.#world, this.#api, this, 'limit=30', conversation).catch(() => undefined);
  }

  drop(): void {
    this.pipe.cut();
  }

  /** Hold all of each conversation from its beginning. */
  async complete(): Promise<void> {
    for (const timeline of this.#timelines.values()) {
      await until('the whole timeline', async () => timeline.atStart.peek() || (await timeline.loadOlder(200), false), 30_000);
    }
  }

  async stop(): Promise<void> {
    for (const timeline of this.#timelines.values()) timeline.close();
    await this.client.close();
  }
}
