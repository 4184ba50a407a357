// SPDX-License-Identifier: Apache-2.0
//
// What the workload asks of a device, whatever it is made of; and the raw one: a careful client that speaks the protocol
// itself, over WebSocket or long-poll as it likes, and REST, and notes all that it is told.

import { openLive, type Command, type Live, type LiveEvent } from '../lib/live.ts';
import { Api, type Answer } from '../lib/http.ts';
import type { Person } from '../lib/stack.ts';
import { pause, until } from '../lib/wait.ts';
import { stateOf, type History, type Op, type State } from './history.ts';
import type { Pipe } from './pipe.ts';
import type { Random } from './random.ts';

export interface Device {
  readonly name: string;
  readonly account: string;
  readonly pipe: Pipe;
  /** Connected and caught up. */
  readonly ready: boolean;
  /** What it holds, by seq. */
  states(conversation: string): Map<number, State>;
  conversations(): string[];
  start(): Promise<void>;
  send(conversation: string, text: string, replyTo?: number): void;
  change(op: 'edit' | 'delete' | 'react' | 'unreact', conversation: string, seq: number, text?: string): void;
  read(conversation: string, seq: number): void;
  page(conversation: string): Promise<void>;
  /** End the connection as if it had broken. */
  drop(): void;
  /** Everything sent is answered. */
  readonly settled: boolean;
  stop(): Promise<void>;
}

/** What all devices share: where the history is, and which epoch is which era. */
export interface World {
  readonly history: History;
  readonly relays: readonly string[];
  eraOf(epoch: string): number;
}

const RETRY_MS = 300;

interface Pending {
  command: Command & { ref: string };
  at: number;
  repeat: boolean;
  /** Tries without an answer. */
  open: number;
}

/** Reads a history page by REST and notes it; what the answer is worth after a restore is the history's to say. */
export async function readPage(world: World, api: Api, device: Device, query: string, conversation: string): Promise<Answer> {
  const { history } = world;
  const about = { device: device.name, account: device.account, conversation };
  const { n } = history.add({ is: 'try', key: `page ${history.next}`, op: 'page', ...about });
  const answer = await api.get(`/api/history/${conversation}?${query}`);
  if (answer.status !== 200 || !history.valid(n)) return answer;
  const states = (answer.body.messages as Record<string, any>[]).map(stateOf);
  for (const state of states) history.add({ is: 'saw', ...about, life: '', path: 'page', page: `page ${n}`, state });
  history.add({ is: 'page', key: `page ${n}`, ...about, first: states[0]?.seq ?? 1, last: states.at(-1)?.seq ?? 0, newest: answer.body.last_seq });
  return answer;
}

export class RawDevice implements Device {
  readonly name: string;
  readonly account: string;
  readonly pipe: Pipe;
  ready = false;
  #world: World;
  #api: Api;
  #random: Random;
  #live: Live | undefined;
  #life = '';
  #era = 0;
  #lives = 0;
  #heard = 0;
  #epoch: string | undefined;
  #accountMod = 0;
  #welcomed = 0;
  #cursors = new Map<string, number>();
  #states = new Map<string, Map<number, State>>();
  #pending = new Map<string, Pending>();
  /** Where in the history the last try of a ref stands. */
  #asked = new Map<string, number>();
  #stopped = false;
  #listed = false;

  constructor(world: World, name: string, person: Person, pipe: Pipe, random: Random) {
    this.#world = world;
    this.name = name;
    this.account = person.id;
    this.pipe = pipe;
    this.#api = new Api(pipe.url, person.token);
    this.#random = random;
  }

  get settled(): boolean {
    return this.#pending.size === 0;
  }
  states(conversation: string): Map<number, State> {
    return this.#states.get(conversation) ?? new Map();
  }
  conversations(): string[] {
    return [...this.#cursors.keys()];
  }
  #about(conversation: string) {
    return { device: this.name, account: this.account, conversation };
  }

  async start(): Promise<void> {
    void this.#run();
    await until(`${this.name} is ready`, () => this.ready, 60_000);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        if (!this.#listed) await this.#list();
        await this.#connect();
      } catch {
        // What is away comes back.
      }
      await pause(this.#random.int(50, 500));
    }
  }

  /** Everything anew, from the beginning: the list, and each conversation from mod 0. */
  async #list(): Promise<void> {
    const n = this.#world.history.next;
    const answer = await this.#api.get('/api/conversations');
    if (answer.status !== 200 || !this.#world.history.valid(n)) throw new Error('no list');
    for (const conversation of this.#cursors.keys()) this.#let(conversation);
    this.#epoch = answer.body.epoch as string;
    this.#era = this.#world.eraOf(this.#epoch);
    this.#accountMod = answer.body.account_mod as number;
    for (const { id } of answer.body.conversations as { id: string }[]) this.#follow(id, 0);
    this.#listed = true;
  }

  #follow(conversation: string, cursor: number): void {
    this.#cursors.set(conversation, cursor);
    this.#world.history.add({ is: 'follows', ...this.#about(conversation), from: 1 }, this.#era);
  }
  #let(conversation: string): void {
    if (!this.#cursors.delete(conversation)) return;
    this.#states.delete(conversation);
    this.#world.history.add({ is: 'drops', ...this.#about(conversation) }, this.#era);
  }

  async #connect(): Promise<void> {
    const relay = this.#random.pick(this.#world.relays);
    const live = openLive(this.#random.chance(0.6) ? 'ws' : 'poll', `${this.pipe.url}/live/${relay}`, this.#api.token);
    this.#live = live;
    const ended = new Promise<void>((done) => {
      live.listener = (events) => {
        for (const event of events) if (this.#live === live) this.#event(event);
        if (live.ending || this.#live !== live) done();
      };
    });
    this.#hello(relay);
    const watch = setInterval(() => this.#watch(live), 1000);
    await ended;
    clearInterval(watch);
    this.#end();
    live.close();
  }

  #hello(relay: string): void {
    this.#end();
    this.#life = `${this.name}.${++this.#lives}`;
    this.#heard = performance.now();
    this.#world.history.add({ is: 'life', device: this.name, account: this.account, life: this.#life, relay }, this.#era);
    this.#live!.send({ type: 'hello', epoch: this.#epoch, account_mod: this.#accountMod, resume: Object.fromEntries(this.#cursors) });
  }

  /** As the protocol says: who waits pings, and who hears nothing connects again. */
  #watch(live: Live): void {
    const quiet = performance.now() - this.#heard;
    if (quiet > 7_000) this.drop();
    else if (quiet > 3_000 && this.ready) live.send({ type: 'ping' });
    for (const pending of this.#pending.values()) if (this.ready && performance.now() - pending.at > 20_000) this.drop();
  }

  #end(): void {
    this.ready = false;
    if (this.#life) this.#world.history.add({ is: 'gone', device: this.name, life: this.#life }, this.#era);
    this.#life = '';
  }

  drop(): void {
    const live = this.#live;
    this.#live = undefined;
    live?.listener?.([]);
    live?.close();
  }

  #event(event: LiveEvent): void {
    this.#heard = performance.now();
    if (event.account_mod !== undefined && event.type !== 'welcome') this.#accountMod = Math.max(this.#accountMod, event.account_mod as number);
    const { history } = this.#world;
    switch (event.type) {
      case 'welcome':
        this.#welcomed = event.account_mod as number;
        return;
      case 'ready':
        this.#accountMod = Math.max(this.#accountMod, this.#welcomed);
        this.ready = true;
        history.add({ is: 'ready', device: this.name, life: this.#life, whole: true }, this.#era);
        for (const ref of [...this.#pending.keys()]) this.#repeat(ref);
        return;
      case 'behind':
        return this.#hello('');
      case 'reset':
        this.#listed = false;
        for (const [ref, { command }] of this.#pending) if (command.type !== 'send') this.#pending.delete(ref);
        return this.drop();
      case 'sent':
      case 'failed':
        return this.#answer(event);
      case 'read':
      case 'received':
        history.add({ is: 'marker', marker: event.type, ...this.#about(event.conversation), of: event.account, seq: event.seq }, this.#era);
        return;
      case 'message':
        return this.#message(event);
      default:
        this.#change(event);
    }
  }

  #message(event: LiveEvent): void {
    const state = stateOf(event);
    this.#world.history.add({ is: 'saw', ...this.#about(state.conversation), life: this.#life, path: 'live', state }, this.#era);
    if (this.#cursors.has(state.conversation)) this.#cursors.set(state.conversation, state.mod);
    this.#hold(state);
  }

  #hold(state: State): void {
    if (!this.#cursors.has(state.conversation)) return;
    const states = this.#states.get(state.conversation) ?? new Map<number, State>();
    this.#states.set(state.conversation, states);
    if ((states.get(state.seq)?.mod ?? 0) < state.mod) states.set(state.seq, state);
  }

  #change(event: LiveEvent): void {
    const id = (event.conversation?.id ?? event.conversation) as string | undefined;
    if (id === undefined) return;
    if (event.type === 'left' && event.account === this.account) {
      this.#world.history.add({ is: 'left', ...this.#about(id), life: this.#life }, this.#era);
      this.#let(id);
    } else if (event.type === 'conversation' && event.conversation.mod !== undefined) {
      this.#world.history.add({ is: 'joined', ...this.#about(id), life: this.#life }, this.#era);
      if (!this.#cursors.has(id)) void this.#fill(id, event.conversation.mod as number);
    } else if (this.#cursors.has(id)) {
      const mod = event.type === 'conversation' ? (event.account_mod === undefined ? event.conversation.changed_mod : 0) : event.type === 'member' || event.type === 'left' ? event.mod : 0;
      this.#cursors.set(id, Math.max(this.#cursors.get(id)!, (mod as number | undefined) ?? 0));
    }
  }

  /** Added to it: live events go on above `mod`; what is earlier is read by pages. It is held once they are all there. */
  async #fill(id: string, mod: number): Promise<void> {
    const era = this.#era;
    this.#cursors.set(id, mod);
    for (let after = 0; !this.#stopped && this.#era === era && this.#cursors.has(id);) {
      const answer = await readPage(this.#world, this.#api, this, `after=${after}&limit=200`, id).catch(() => undefined);
      if (answer?.status === 200 && this.#era === era && this.#cursors.has(id)) {
        const states = (answer.body.messages as Record<string, any>[]).map(stateOf);
        for (const state of states) this.#hold(state);
        after = states.at(-1)?.seq ?? after;
        if (!answer.body.more_after) return void this.#world.history.add({ is: 'follows', ...this.#about(id), from: 1 }, era);
      } else await pause(RETRY_MS);
    }
  }

  #command(op: Op, conversation: string, members: Record<string, unknown>, note: { body?: string; seq?: number; reply_to?: number; fifo?: string }): void {
    const ref = this.#random.uuid();
    const { n } = this.#world.history.add({ is: 'try', key: ref, op, ...this.#about(conversation), ...note });
    const command = { type: op, ref, conversation, ...members };
    this.#pending.set(ref, { command, at: performance.now(), repeat: this.#random.chance(0.05), open: this.ready ? 1 : 0 });
    this.#asked.set(ref, n);
    if (this.ready) this.#live?.send(command);
  }
  #repeat(ref: string): void {
    const pending = this.#pending.get(ref);
    if (!pending || !this.ready || pending.command.type === 'posted') return;
    pending.at = performance.now();
    pending.open++;
    this.#asked.set(ref, this.#world.history.add({ is: 'again', key: ref }).n);
    this.#live?.send(pending.command);
  }

  #answer(event: LiveEvent): void {
    const ref = event.ref as string;
    const pending = this.#pending.get(ref);
    const { history } = this.#world;
    if (!pending || !history.valid(this.#asked.get(ref)!)) return;
    pending.open--;
    if (event.type === 'sent') {
      history.add({ is: 'ok', key: ref, conversation: event.conversation, seq: event.seq, mod: event.mod });
      if (pending.repeat && pending.command.type === 'send') {
        pending.repeat = false;
        return this.#repeat(ref);
      }
    } else {
      const retry = event.error.status === 429 || event.error.status === 503;
      history.add({ is: 'no', key: ref, problem: event.error.type, final: !retry && pending.open === 0 });
      if (retry) return void setTimeout(() => this.#repeat(ref), RETRY_MS);
    }
    this.#pending.delete(ref);
    this.#asked.delete(ref);
  }

  send(conversation: string, text: string, replyTo?: number): void {
    if (this.#random.chance(0.15)) return void this.#post(conversation, text);
    const reply = replyTo === undefined ? {} : { reply_to: replyTo };
    this.#command('send', conversation, { body: text, ...reply }, { body: text, ...reply, ...(this.ready ? { fifo: this.#life } : {}) });
  }

  /** By REST, with the same ref until its fate is known. */
  async #post(conversation: string, body: string): Promise<void> {
    const ref = this.#random.uuid();
    const { history } = this.#world;
    let { n } = history.add({ is: 'try', key: ref, op: 'send', ...this.#about(conversation), body });
    this.#pending.set(ref, { command: { type: 'posted', ref }, at: Infinity, repeat: false, open: 0 });
    for (let known = false, open = 0; !known && !this.#stopped; ) {
      open++;
      const answer = await this.#api.post('/api/messages', { ref, conversation, body }).catch(() => undefined);
      if (answer && history.valid(n)) {
        open--;
        known = answer.status < 500 && answer.status !== 429;
        const { message } = answer.body ?? {};
        if (answer.status === 201) history.add({ is: 'ok', key: ref, conversation, seq: message.seq, mod: message.mod });
        else history.add({ is: 'no', key: ref, problem: answer.body?.type ?? '', final: known && open === 0 });
      }
      if (known) break;
      await pause(RETRY_MS);
      ({ n } = history.add({ is: 'again', key: ref }));
    }
    this.#pending.delete(ref);
  }

  change(op: 'edit' | 'delete' | 'react' | 'unreact', conversation: string, seq: number, text?: string): void {
    const said = op === 'edit' ? { body: text } : op === 'delete' ? {} : { emoji: text };
    this.#command(op, conversation, { seq, ...said }, { seq, ...(op === 'edit' ? { body: text! } : {}) });
  }

  read(conversation: string, seq: number): void {
    if (this.ready) this.#live?.send({ type: 'read', conversation, seq });
  }

  async page(conversation: string): Promise<void> {
    await readPage(this.#world, this.#api, this, 'limit=30', conversation).catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.drop();
  }
}
