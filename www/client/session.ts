// SPDX-License-Identifier: Apache-2.0
//
// One live session: a transport from `hello` to its end, with the watch over whether it still works.
//
// Job: say hello (in slices), decode what comes, tell the owner in order, and notice silence: nothing heard for
// `heartbeat`, or an answer overdue → `ping`; no `pong` in time → ended as 'silent'. A relay that answers `ping` but not
// commands is ended as 'stuck'.
// Knows nothing of retries, of other sessions, or of what events mean.

import { DecodeError, decodeEvent, type Command, type Event, type Id, type RelayInfo } from './protocol.ts';
import type { End, Transport, TransportHost } from './transport.ts';
import { Timer } from './timing.ts';

/** What is held, to be said in `hello`. */
export interface Position {
  readonly epoch: string;
  readonly account_mod: number;
  readonly mods: ReadonlyMap<Id, number>;
}

export type SessionEnd = End | 'silent' | 'stuck' | 'timeout';
export type Stage = 'opening' | 'hello' | 'welcomed' | 'ready' | 'paused' | 'closed';
type Control = Extract<Event, { type: 'welcome' | 'ready' | 'reset' | 'behind' }>;

export interface SessionHost {
  /** Domain events and answers, as they came together. */
  onEvents(session: LiveSession, events: readonly Event[]): void;
  onControl(session: LiveSession, event: Control): void;
  onEnd(session: LiveSession, end: SessionEnd, detail: string, retryAfterMs: number): void;
  /** When the oldest command that has no answer yet was sent on this session; null for none. */
  awaitedSince(session: LiveSession): number | null;
  log(line: string): void;
}

export interface SessionOptions {
  readonly relay: RelayInfo;
  readonly token: string | null;
  readonly name: string;
  readonly connect: (host: TransportHost) => Transport;
  readonly position: () => Position;
  /** Short patience: the connection before this one fell silent. */
  readonly probation: boolean;
}

const SLICE = 1000;
const ANSWER_MS = 5_000;
const PONG_MS = 5_000;
const PROBATION_ANSWER_MS = 2_000;
const PROBATION_PONG_MS = 2_500;
const PROBATION_ENDS_MS = 60_000;
const STUCK_MS = 30_000;
const HEARTBEAT_MS = 25_000;

export class LiveSession implements TransportHost {
  readonly relay: RelayInfo;
  readonly transport: Transport;
  stage: Stage = 'opening';
  /** Counts the `hello`s of this session: what was sent before the last one may have to be sent again. */
  hellos = 0;
  welcomedAt = 0;
  wasReady = false;
  bye: { readonly reason: string; readonly reconnectMs: number } | null = null;
  readonly #host: SessionHost;
  readonly #options: SessionOptions;
  readonly #watch = new Timer();
  /** The epoch said in the last hello. */
  #epoch = '';
  #heartbeatMs = HEARTBEAT_MS;
  #heardAt = Date.now();
  #eventAt = Date.now();
  #pings = 0;
  /** When the ping that has no pong yet was sent. */
  #pingAt: number | null = null;
  /** When the last ping was sent. */
  #pingedAt = 0;

  constructor(host: SessionHost, options: SessionOptions) {
    this.#host = host;
    this.#options = options;
    this.relay = options.relay;
    this.transport = options.connect(this);
  }

  get taking(): boolean {
    return this.stage === 'welcomed' || this.stage === 'ready';
  }

  /** Say hello with what is held now; also again, after `behind` and `reset`. */
  hello(): void {
    const { epoch, account_mod, mods } = this.#options.position();
    const token = this.#options.token !== null && this.transport.kind === 'websocket' ? { token: this.#options.token } : {};
    const slices = slicesOf(mods);
    const commands: Command[] = slices.map((resume, i) => ({ type: 'resume', resume, more: i < slices.length - 1 }));
    const first = slices[0] ?? {};
    commands[0] = { type: 'hello', ...token, epoch, account_mod, resume: first, more: slices.length > 1, client: this.#options.name };
    this.#epoch = epoch;
    this.stage = 'hello';
    this.hellos++;
    this.#eventAt = Date.now();
    this.transport.send(commands);
    this.#arm();
  }

  send(commands: readonly Command[]): void {
    this.transport.send(commands);
    this.#arm();
  }

  /** Ask now whether the other side is there. */
  check(): void {
    if (this.#pingAt !== null || this.stage === 'closed' || this.stage === 'opening') return;
    this.#pingAt = this.#pingedAt = Date.now();
    this.transport.send([{ type: 'ping', n: ++this.#pings }]);
    this.#arm();
  }

  /** End it without a word to the owner. */
  close(): void {
    this.stage = 'closed';
    this.#watch.clear();
    this.transport.close();
  }

  /** End it and tell the owner. */
  end(end: SessionEnd, detail: string, retryAfterMs = 0): void {
    if (this.stage === 'closed') return;
    this.close();
    this.#host.onEnd(this, end, detail, retryAfterMs);
  }

  // ---- from the transport -------------------------------------------------------------------------------------------

  onOpen(): void {
    this.hello();
  }

  onHeard(): void {
    this.#heardAt = Date.now();
  }

  onClose(end: End, detail: string, retryAfterMs: number): void {
    const told = this.bye?.reason;
    if (end === 'lost' && told !== undefined) end = BYE_ENDS[told] ?? end;
    this.end(end, detail, retryAfterMs);
  }

  onEvents(raw: readonly unknown[]): void {
    let group: Event[] = [];
    const flush = () => {
      if (group.length > 0 && this.stage !== 'closed') this.#host.onEvents(this, group);
      group = [];
    };
    for (const x of raw) {
      const event = this.#decode(x);
      if (event === null) continue;
      if (event.type !== 'pong') this.#eventAt = Date.now(); // it answers no hello
      if (isControl(event)) {
        flush();
        this.#onControl(event);
      } else if (event.type === 'pong') {
        if (event.n === null || event.n === this.#pings) this.#pingAt = null;
      } else if (event.type === 'bye') {
        this.bye = { reason: event.reason, reconnectMs: event.reconnect_ms };
      } else {
        group.push(event);
      }
    }
    flush();
    if (this.stage !== 'closed') this.#arm();
  }

  #decode(x: unknown): Event | null {
    try {
      return decodeEvent(x);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#host.log(`event ignored: ${error.message}`);
      return null;
    }
  }

  #onControl(event: Control): void {
    if (this.stage === 'closed') return;
    switch (event.type) {
      case 'welcome':
        if (event.epoch === this.#epoch) this.stage = 'welcomed'; // else `reset` follows
        this.welcomedAt ||= Date.now();
        this.#heartbeatMs = Math.max(1, event.heartbeat) * 1000;
        break;
      case 'ready':
        this.stage = 'ready';
        this.wasReady = true;
        break;
      case 'reset':
      case 'behind':
        this.stage = 'paused';
    }
    this.#host.onControl(this, event);
  }

  // ---- the watch ----------------------------------------------------------------------------------------------------

  /** Since when something is overdue: the welcome, the catch-up's next page, or the answer to a command. */
  #awaitedSince(): number | null {
    switch (this.stage) {
      case 'hello':
      case 'welcomed':
        return this.#eventAt;
      case 'ready':
        return this.#host.awaitedSince(this);
      default:
        return null;
    }
  }

  get #hasty(): boolean {
    return this.#options.probation && (this.welcomedAt === 0 || Date.now() - this.welcomedAt < PROBATION_ENDS_MS);
  }

  get #answerMs(): number {
    return this.#hasty ? PROBATION_ANSWER_MS : ANSWER_MS;
  }

  get #pongMs(): number {
    return this.#hasty ? PROBATION_PONG_MS : PONG_MS;
  }

  /** When the next ping is due: after silence, or while an answer is overdue. */
  #pingDue(): number {
    const quiet = this.#heardAt + this.#heartbeatMs;
    const awaited = this.#awaitedSince();
    return awaited === null ? quiet : Math.min(quiet, Math.max(awaited, this.#pingedAt) + this.#answerMs);
  }

  /** Look again at the earliest moment at which something could be overdue. */
  #arm(): void {
    if (this.stage === 'closed' || this.stage === 'opening') return;
    const due = this.#pingAt !== null ? this.#pingAt + this.#pongMs : this.#pingDue();
    this.#watch.set(Math.max(0, due - Date.now()) + 1, () => this.#look());
  }

  #look(): void {
    const now = Date.now();
    const awaited = this.#awaitedSince();
    if (this.#pingAt !== null && now - this.#pingAt >= this.#pongMs) this.end('silent', 'no pong');
    else if (awaited !== null && now - awaited >= STUCK_MS) this.end('stuck', 'pongs, but no answers');
    else if (this.#pingAt === null && now >= this.#pingDue()) this.check();
    else this.#arm();
  }
}

const BYE_ENDS: { readonly [reason: string]: End } = {
  restart: 'restart', unavailable: 'busy', revoked: 'unauthenticated', too_many: 'too_many',
};

function isControl(event: Event): event is Control {
  return event.type === 'welcome' || event.type === 'ready' || event.type === 'reset' || event.type === 'behind';
}

/** The mods in objects of at most 1,000 members. */
function slicesOf(mods: ReadonlyMap<Id, number>): Record<Id, number>[] {
  const slices: Record<Id, number>[] = [];
  let n = 0;
  for (const [id, mod] of mods) {
    if (n++ % SLICE === 0) slices.push({});
    slices[slices.length - 1]![id] = mod;
  }
  return slices;
}
