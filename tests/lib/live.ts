// SPDX-License-Identifier: Apache-2.0
//
// Raw live sessions for tests, one interface over both transports: what goes up and what comes down is kept as it was.
// They do nothing by themselves beyond the transport: no resume, no retry, no merge.

import { randomUUID } from 'node:crypto';
import { PATIENCE } from './wait.ts';

export interface LiveEvent {
  type: string;
  [member: string]: any;
}
export type Command = Record<string, unknown> & { type: string };

export const TRANSPORTS = ['ws', 'poll'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** How a live session ended: a WebSocket's close code, or a poll's HTTP status. */
export interface Ending {
  code: number;
  reason: string;
}

export abstract class Live {
  readonly events: LiveEvent[] = [];
  ending: Ending | undefined;
  /** Told of each frame or batch as it comes, and at the end of nothing. */
  listener: ((events: LiveEvent[]) => void) | undefined;
  #waiters = new Set<() => void>();
  #read = 0;

  abstract readonly transport: Transport;
  /** Sends commands in one frame or body. */
  abstract send(...commands: Command[]): void;
  /** Ends the session from this side, at once. */
  abstract close(): void;

  protected arrived(events: LiveEvent[]): void {
    this.events.push(...events);
    this.listener?.(events);
    for (const wake of [...this.#waiters]) wake();
  }
  protected ended(code: number, reason = ''): void {
    if (!this.ending) {
      this.ending = { code, reason };
      this.listener?.([]);
    }
    for (const wake of [...this.#waiters]) wake();
  }

  async #when<T>(what: string, look: () => T | undefined, patience: number): Promise<T> {
    const found = look();
    if (found !== undefined) return found;
    return new Promise<T>((done, fail) => {
      const wake = (): void => {
        const answer = look();
        if (answer === undefined && !this.ending) return;
        this.#waiters.delete(wake);
        clearTimeout(timer);
        if (answer !== undefined) done(answer);
        else fail(new Error(`${what}: the session ended (${this.ending!.code} ${this.ending!.reason}); had ${JSON.stringify(this.events.slice(-20))}`));
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(wake);
        fail(new Error(`${what}: not within ${patience} ms; had ${JSON.stringify(this.events.slice(-20))}`));
      }, patience);
      this.#waiters.add(wake);
      if (this.ending) wake();
    });
  }

  /** The first event of `type` that fits, among those not yet taken by `next`; it and all before it count as taken. */
  next(type: string, fits: (event: LiveEvent) => boolean = () => true, patience = PATIENCE): Promise<LiveEvent> {
    return this.#when(`next ${type}`, () => {
      const at = this.events.findIndex((event, i) => i >= this.#read && event.type === type && fits(event));
      if (at < 0) return undefined;
      this.#read = at + 1;
      return this.events[at];
    }, patience);
  }

  /** The first event of `type` that fits, ever; takes nothing. */
  seen(type: string, fits: (event: LiveEvent) => boolean = () => true, patience = PATIENCE): Promise<LiveEvent> {
    return this.#when(`seen ${type}`, () => this.events.find((event) => event.type === type && fits(event)), patience);
  }

  /** How the session ends. */
  end(patience = PATIENCE): Promise<Ending> {
    return this.#when('end', () => this.ending, patience);
  }

  /** Says hello and waits for `ready`; returns `welcome`. */
  async hello(members: Record<string, unknown> = {}): Promise<LiveEvent> {
    this.send({ type: 'hello', ...members });
    const welcome = await this.next('welcome');
    await this.next('ready');
    return welcome;
  }

  /** Sends a text and waits for `sent` or `failed`. */
  async say(conversation: string, body: string, members: Record<string, unknown> = {}): Promise<LiveEvent> {
    const ref = (members.ref as string | undefined) ?? randomUUID();
    this.send({ type: 'send', ref, conversation, body, ...members });
    return this.answer(ref);
  }

  /** The `sent` or `failed` of a ref, from now on. */
  answer(ref: string): Promise<LiveEvent> {
    const from = this.events.length;
    return this.#when(`answer to ${ref}`, () =>
      this.events.find((event, i) => i >= from && (event.type === 'sent' || event.type === 'failed') && event.ref === ref), PATIENCE);
  }

  /** A round trip: everything the relay queued for this session before it has come. */
  async settle(): Promise<void> {
    const n = 1 + Math.floor(Math.random() * 1e9);
    this.send({ type: 'ping', n });
    await this.seen('pong', (event) => event.n === n);
  }
}

/** Over WebSocket. `base` is e.g. `${stack.url}/live/a`; the token travels in `hello` by default. */
export class WsLive extends Live {
  readonly transport = 'ws';
  #socket: WebSocket;
  #token: string | null;
  #early: string[] | null = [];

  constructor(base: string, token: string | null) {
    super();
    this.#token = token;
    this.#socket = new WebSocket(`${base.replace(/^http/, 'ws')}/ws`, ['parley.v1']);
    this.#socket.addEventListener('open', () => {
      for (const text of this.#early ?? []) this.#socket.send(text);
      this.#early = null;
    });
    this.#socket.addEventListener('message', (message) => {
      const events: unknown = JSON.parse(String(message.data));
      if (!Array.isArray(events)) throw new Error(`a server frame is not an array: ${String(message.data)}`);
      this.arrived(events as LiveEvent[]);
    });
    this.#socket.addEventListener('close', (event) => this.ended(event.code, event.reason));
    // Of a refused upgrade Node tells an error only, never a close.
    this.#socket.addEventListener('error', () => {
      if (this.#socket.readyState === WebSocket.CONNECTING) this.ended(1006, 'refused');
    });
  }

  send(...commands: Command[]): void {
    const withToken = commands.map((c) => (c.type === 'hello' && this.#token && !('token' in c) ? { ...c, token: this.#token } : c));
    this.sendText(JSON.stringify(withToken.length === 1 ? withToken[0] : withToken));
  }

  /** A frame as it is. */
  sendText(text: string): void {
    if (this.#early) this.#early.push(text);
    else this.#socket.send(text);
  }

  close(): void {
    this.#socket.close();
  }
}

/** Over long-poll, as a careful client does it: one poll held, commands posted beside it with running numbers. */
export class PollLive extends Live {
  readonly transport = 'poll';
  readonly base: string;
  session: string | null = null;
  ack = 0;
  wait = 25;
  #token: string | null;
  #number = 1;
  #stopped = new AbortController();
  #opening: Promise<void> | undefined;
  #outbox: Promise<void> = Promise.resolve();

  constructor(base: string, token: string | null) {
    super();
    this.base = base;
    this.#token = token;
  }

  /** One raw request; answers status and parsed body. */
  async post(body: unknown): Promise<{ status: number; body: any; headers: Headers }> {
    const response = await fetch(`${this.base}/poll`, {
      method: 'POST', body: JSON.stringify(body), signal: this.#stopped.signal,
      headers: { 'content-type': 'application/json', ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}) },
    });
    return { status: response.status, body: await response.json().catch(() => undefined), headers: response.headers };
  }

  send(...commands: Command[]): void {
    if (!this.#opening) {
      this.#opening = this.#open(commands);
      return;
    }
    const first = this.#number;
    this.#number += commands.length;
    this.#outbox = Promise.all([this.#outbox, this.#opening]).then(() =>
      this.#exchange({ session: this.session, ack: this.ack, wait: 0, first, commands }));
  }

  async #open(commands: Command[]): Promise<void> {
    this.#number += commands.length;
    await this.#exchange({ session: null, ack: 0, wait: 0, first: 1, commands });
    if (!this.ending) void this.#hold();
  }

  async #hold(): Promise<void> {
    while (!this.ending && !this.#stopped.signal.aborted) {
      await this.#exchange({ session: this.session, ack: this.ack, wait: this.wait, commands: [] });
    }
  }

  async #exchange(request: object): Promise<void> {
    try {
      const { status, body } = await this.post(request);
      if (status !== 200) this.ended(status, body?.type ?? '');
      else this.#accept(body);
    } catch (error) {
      if (!this.#stopped.signal.aborted) this.ended(0, String(error));
    }
  }

  #accept(body: { session: string; batch?: number; events?: LiveEvent[]; superseded?: boolean }): void {
    this.session = body.session;
    if (body.superseded || body.batch === undefined || body.batch <= this.ack) return;
    this.ack = body.batch;
    this.arrived(body.events ?? []);
  }

  close(): void {
    this.#stopped.abort();
    this.ended(0, 'closed here');
  }
}

/** A live session over a transport; `base` is the address of a relay, e.g. `${stack.url}/live/a`. */
export function openLive(transport: Transport, base: string, token: string | null): Live {
  return transport === 'ws' ? new WsLive(base, token) : new PollLive(base, token);
}
