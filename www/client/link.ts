// SPDX-License-Identifier: Apache-2.0
//
// The live link: one logical connection over whatever gets through.
//
// Job: find a relay (GET /api/relays), connect by WebSocket, fall back to long-poll, go back to WebSocket when that works,
// reconnect after anything, and carry commands until they are answered.
//
// Rules (protocol sections 3.2 and 3.3)
// - WebSocket first. No welcome within 5 s of starting, or refused: long-poll at once, to the same relay.
// - On long-poll, WebSocket is tried again after 60 s, then after growing pauses, while long-poll goes on. The new session
//   says hello with what is held then; when it is `ready` it takes over and only then the poll session is dropped. Until
//   then both feed the store, which takes every change once; commands go by the old one, and those without an answer
//   again by the new one (same `ref`).
// - A WebSocket that fell silent is tried again with short patience; a second silence, or three short lives in a row,
//   count as "WebSockets do not get through".
// - A relay that failed is put last for a while.
//
// Invariants: at most one primary session (it takes the commands) and at most one candidate; a request is settled
// exactly once. Knows nothing of what events mean, and of no storage.

import type { Connection } from './api.ts';
import type { Http } from './http.ts';
import { overtaken, Problem, stopped } from './problem.ts';
import { decodeRelays, type Command, type Event, type RelayInfo } from './protocol.ts';
import { LiveSession, type Position, type SessionEnd, type SessionHost } from './session.ts';
import { deferred, jitter, Timer, type Deferred } from './timing.ts';
import type { Transport, TransportHost, TransportKind } from './transport.ts';
import { PollTransport } from './transport_poll.ts';
import { WebSocketTransport } from './transport_ws.ts';

export type { Position } from './session.ts';
export type Sent = Extract<Event, { type: 'sent' }>;
/** Commands that are answered by `sent` or `failed`. */
export type Request = Extract<Command, { ref: string }>;

export interface LinkHost {
  /** Called before connecting: make sure that a list is held. Rejects with Problem. */
  prepare(): Promise<void>;
  position(): Position;
  /** False when the server knows us as another account: the link stops. */
  onWelcome(welcome: Extract<Event, { type: 'welcome' }>): boolean;
  /** Events of one frame. `late`: they come from catching up, not live. `primary`: false from a session that is about to
   *  take over; of its events only what carries state that is compared before it is taken may be used. */
  onEvents(events: readonly Event[], how: { readonly late: boolean; readonly primary: boolean }): void;
  /** Everything up to the welcome's account_mod has come. */
  onReady(accountMod: number): void;
  /** A session has become the one that takes commands: say again what only it knows (status, watch, read markers). */
  onPrimary(): void;
  /** Another epoch: throw the cache away and read the list. Rejects with Problem. */
  onReset(): Promise<void>;
  onConnection(connection: Connection): void;
  /** The credential is not good any more. The link has stopped. */
  onDenied(): void;
  /** The server says we break the protocol (or a password change is due, which a close code cannot say). The link has
   *  stopped. */
  onRefused(): void;
  log(line: string): void;
}

export interface LinkOptions {
  readonly http: Http;
  readonly name: string;
  readonly only?: TransportKind;
  /** How long long-poll serves before WebSocket is tried again, at first. */
  readonly firstPauseMs?: number;
  /** Makes a transport; for tests that own the time. */
  readonly connect?: (kind: TransportKind, relay: RelayInfo, host: TransportHost) => Transport;
}

interface Pending {
  readonly command: Request;
  readonly deferred: Deferred<Sent>;
  /** The session and hello it was last sent under, and when. */
  session: LiveSession | null;
  hello: number;
  at: number;
}

const WELCOME_MS = 5_000;
const WELCOME_PROBATION_MS = 3_000;
const POLL_WELCOME_MS = 10_000;
const DISCOVERY_MS = 2_000;
const FIRST_PAUSE_MS = 60_000;
const LAST_PAUSE_MS = 15 * 60_000;
/** A WebSocket that has lived so long is no longer under suspicion. */
const HEALTHY_MS = 60_000;
const SHORT_LIFE_MS = 30_000;
const SHORT_LIVES = 3;
const AVOID_MS = 15_000;
const LONGEST_BACK_OFF_MS = 30_000;
/** Any relay: what is used when none could be asked for. */
const ANY: RelayInfo = { name: '', url: '/live', region: '', load: 0 };

export class Link implements SessionHost {
  readonly #options: LinkOptions;
  readonly #host: LinkHost;
  #primary: LiveSession | null = null;
  #candidate: LiveSession | null = null;
  #accountMods = new WeakMap<LiveSession, number>();
  /** The session being opened by an attempt, and what to do when that is decided. */
  #opening: { readonly session: LiveSession; readonly done: (end: SessionEnd | null) => void } | null = null;
  /** Counts starts and stops: an attempt of an earlier life ends itself. */
  #life = 0;
  #running = false;
  #attempting = false;
  #failures = 0;
  #askedPauseMs = 0;
  readonly #next = new Timer();
  readonly #upgrade = new Timer();
  #pauseMs: number;
  #blockedUntil = 0;
  #shortLives = 0;
  #probation = false;
  #relays: RelayInfo[] = [];
  readonly #avoid = new Map<string, number>();
  readonly #pending = new Map<string, Pending>();
  #connection: Connection = { state: 'stopped', reason: 'closed' };

  constructor(host: LinkHost, options: LinkOptions) {
    this.#host = host;
    this.#options = options;
    this.#pauseMs = options.firstPauseMs ?? FIRST_PAUSE_MS;
  }

  // ---- for the owner ------------------------------------------------------------------------------------------------

  /** Connect and stay connected. A no-op while running. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#life++;
    this.#failures = 0;
    this.#show({ state: 'connecting' });
    void this.#attempt();
  }

  /** Stop; requests wait for the next start. */
  stop(reason: 'too_many' | 'refused' | 'closed' = 'closed'): void {
    this.#running = false;
    this.#leave();
    this.#show({ state: 'stopped', reason });
  }

  /** What is held is of another timeline, and so is what the sessions go on from: leave them, and begin with `prepare`. */
  restart(): void {
    if (!this.#running) return;
    this.#overtake();
    this.#leave();
    this.#show({ state: 'connecting' });
    void this.#attempt();
  }

  #leave(): void {
    this.#attempting = false;
    this.#life++;
    this.#next.clear();
    this.#upgrade.clear();
    for (const session of [this.#primary, this.#candidate, this.#opening?.session]) session?.close();
    this.#opening?.done('lost');
    this.#primary = this.#candidate = null;
  }

  /** Stop for good: what is under way rejects with `stopped`. */
  close(): void {
    this.stop();
    for (const { deferred } of this.#pending.values()) deferred.reject(stopped());
    this.#pending.clear();
  }

  /** The world may have changed: check the connection, or try now instead of later. */
  wake(): void {
    if (this.#primary !== null) this.#primary.check();
    else if (this.#running && this.#next.running) void this.#attempt();
  }

  get live(): boolean {
    return this.#primary?.taking ?? false;
  }

  /** Send a command until it is answered, over however many connections. Rejects with the Problem of `failed`. */
  request(command: Request): Promise<Sent> {
    const pending: Pending = { command, deferred: deferred(), session: null, hello: 0, at: 0 };
    this.#pending.set(command.ref, pending);
    if (this.#primary !== null) this.#transmit(this.#primary, [pending]);
    return pending.deferred.promise;
  }

  /** Stop repeating a request and forget it; its promise rejects with `stopped`. */
  drop(ref: string): void {
    const pending = this.#pending.get(ref);
    this.#pending.delete(ref);
    pending?.deferred.reject(stopped());
  }

  /** Say something that has no answer; dropped when not connected. */
  tell(command: Command): void {
    if (this.#primary?.taking) this.#primary.send([command]);
  }

  // ---- connecting ---------------------------------------------------------------------------------------------------

  async #attempt(): Promise<void> {
    if (this.#attempting || !this.#running || this.#primary !== null) return;
    this.#next.clear();
    this.#attempting = true;
    const life = this.#life;
    let up = false;
    try {
      await this.#host.prepare();
      for (const relay of (await this.#discover()).slice(0, 3)) {
        if (life !== this.#life) return;
        up = await this.#tryRelay(relay);
        if (up || life !== this.#life) break;
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#host.log(`cannot connect: ${error.name}`);
      this.#askedPauseMs = Math.max(this.#askedPauseMs, (error.retryAfter ?? 0) * 1000);
    } finally {
      if (life === this.#life) this.#attempting = false;
    }
    if (life !== this.#life) return;
    if (up) this.#failures = this.#askedPauseMs = 0;
    else if (this.#primary === null) this.#backOff();
  }

  #backOff(): void {
    const own = Math.min(LONGEST_BACK_OFF_MS, 1000 * 2 ** this.#failures++);
    const ms = Math.max(own * (0.5 + Math.random() / 2), this.#askedPauseMs);
    this.#askedPauseMs = 0;
    this.#show({ state: 'offline', retryAt: Date.now() + ms });
    this.#next.set(ms, () => void this.#attempt());
  }

  /** The relays to try, best first; those that failed a moment ago last. */
  async #discover(): Promise<readonly RelayInfo[]> {
    try {
      const relays = await this.#options.http.request('GET', '/api/relays', { decode: decodeRelays, tries: 1, timeoutMs: DISCOVERY_MS });
      this.#relays = relays.filter((relay) => relay.url.startsWith('/') && !relay.url.startsWith('//'));
    } catch (error) {
      if (!(error instanceof Problem) || error.status === 401) throw error;
    }
    const now = Date.now();
    const late = (relay: RelayInfo) => ((this.#avoid.get(relay.name) ?? 0) > now ? 1 : 0);
    return this.#relays.length > 0 ? this.#relays.toSorted((a, b) => late(a) - late(b)) : [ANY];
  }

  async #tryRelay(relay: RelayInfo): Promise<boolean> {
    const { only } = this.#options;
    const life = this.#life;
    let blocked = false;
    if (only !== 'http' && (only === 'websocket' || this.#blockedUntil <= Date.now())) {
      const end = await this.#open('websocket', relay, this.#probation ? WELCOME_PROBATION_MS : WELCOME_MS);
      if (end === null) return true;
      blocked = true;
    }
    if (only !== 'websocket' && life === this.#life) {
      if ((await this.#open('http', relay, POLL_WELCOME_MS)) === null) {
        if (blocked) this.#block('refused or unanswered');
        this.#planUpgrade();
        return true;
      }
    }
    this.#avoid.set(relay.name, Date.now() + AVOID_MS);
    return false;
  }

  /** Open a session that is to be primary. Resolves with null at its welcome, else with why it failed. */
  #open(kind: TransportKind, relay: RelayInfo, ms: number): Promise<SessionEnd | null> {
    return new Promise((resolve) => {
      const limit = new Timer();
      const session = this.#session(kind, relay);
      this.#opening = {
        session,
        done: (end) => {
          limit.clear();
          this.#opening = null;
          resolve(end);
        },
      };
      limit.set(ms, () => session.end('timeout', `no welcome in ${ms} ms`));
    });
  }

  #session(kind: TransportKind, relay: RelayInfo): LiveSession {
    const { http, name, connect } = this.#options;
    return new LiveSession(this, {
      relay, name,
      token: http.token,
      probation: this.#probation && kind === 'websocket',
      position: () => this.#host.position(),
      connect: (host) =>
        connect?.(kind, relay, host) ??
        (kind === 'websocket' ? new WebSocketTransport(http.url(relay.url), host) : new PollTransport(http, relay.url, host)),
    });
  }

  // ---- going back to WebSocket --------------------------------------------------------------------------------------

  /** WebSockets do not get through: long-poll for a while, each time a longer one. */
  #block(why: string): void {
    this.#blockedUntil = Date.now() + jitter(this.#pauseMs, 0.05);
    this.#host.log(`websocket ${why}; again in ${Math.round(this.#pauseMs / 1000)} s`);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LAST_PAUSE_MS);
    this.#shortLives = 0;
    this.#probation = false;
  }

  #planUpgrade(): void {
    if (this.#options.only !== undefined || this.#primary?.transport.kind !== 'http') return;
    if (this.#blockedUntil <= Date.now()) this.#block('not in use');
    this.#upgrade.set(this.#blockedUntil - Date.now(), () => this.#startUpgrade());
  }

  #startUpgrade(): void {
    const primary = this.#primary;
    if (primary === null || primary.transport.kind !== 'http' || this.#candidate !== null) return;
    const candidate = (this.#candidate = this.#session('websocket', primary.relay));
    this.#upgrade.set(WELCOME_MS, () => {
      if (candidate.welcomedAt === 0) candidate.end('timeout', 'no welcome');
    });
  }

  #promote(candidate: LiveSession): void {
    const old = this.#primary;
    this.#candidate = null;
    this.#primary = candidate;
    old?.close();
    this.#upgrade.clear();
    this.#adopt(candidate);
  }

  /** The session has become primary: show it, and repeat what has no answer. */
  #adopt(session: LiveSession): void {
    const over = session.transport.kind;
    this.#host.log(`connected to ${session.relay.name || 'a relay'} over ${over}`);
    this.#show({ state: 'connected', over, relay: session.relay.name });
    this.#transmit(session, [...this.#pending.values()]);
    this.#host.onPrimary();
  }

  // ---- from the sessions --------------------------------------------------------------------------------------------

  onControl(session: LiveSession, event: Extract<Event, { type: 'welcome' | 'ready' | 'reset' | 'behind' }>): void {
    switch (event.type) {
      case 'welcome':
        return this.#onWelcome(session, event);
      case 'ready':
        this.#host.onReady(this.#accountMods.get(session) ?? 0);
        if (session === this.#candidate) this.#promote(session);
        return;
      case 'behind':
        return session.hello();
      case 'reset':
        // The primary hears of it itself. A second list, read for the candidate, would leave a gap before what follows for it.
        if (session === this.#candidate) session.end('restart', 'another timeline');
        else void this.#onReset(session);
    }
  }

  #onWelcome(session: LiveSession, welcome: Extract<Event, { type: 'welcome' }>): void {
    this.#accountMods.set(session, welcome.account_mod);
    if (!this.#host.onWelcome(welcome)) return this.#denied();
    if (session === this.#candidate) return;
    if (session === this.#opening?.session) {
      this.#primary = session;
      this.#opening.done(null);
      this.#adopt(session);
    } else if (session === this.#primary) {
      this.#transmit(session, [...this.#pending.values()]);
      this.#host.onPrimary();
    }
  }

  /** A `seq` names another message now: what changes one is not said again. */
  #overtake(): void {
    for (const { command } of [...this.#pending.values()]) if (command.type !== 'send') this.#settle(command.ref, (d) => d.reject(overtaken()));
  }

  async #onReset(session: LiveSession): Promise<void> {
    this.#overtake();
    try {
      await this.#host.onReset();
      if (session.stage === 'paused') session.hello();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      session.end('lost', `after reset: ${error.name}`);
    }
  }

  onEvents(session: LiveSession, events: readonly Event[]): void {
    if (session !== this.#primary && session !== this.#candidate) return;
    const primary = session === this.#primary;
    this.#host.onEvents(events, { late: session.stage !== 'ready', primary });
    for (const event of events) {
      if (event.type === 'sent') this.#settle(event.ref, (d) => d.resolve(event));
      else if (event.type === 'failed' && event.ref !== null) this.#settle(event.ref, (d) => d.reject(new Problem(event.error)));
      else if (event.type === 'failed') this.#host.log(`${event.command} refused: ${event.error.type}`);
      else if (event.type === 'message' && event.message.ref !== null) this.#onOwnMessage(event.message.ref, event);
    }
  }

  #settle(ref: string, how: (deferred: Deferred<Sent>) => void): void {
    const pending = this.#pending.get(ref);
    if (pending === undefined) return;
    this.#pending.delete(ref);
    how(pending.deferred);
  }

  /** One's own message, shown back, is as good as `sent`. */
  #onOwnMessage(ref: string, { message }: Extract<Event, { type: 'message' }>): void {
    if (this.#pending.get(ref)?.command.type !== 'send') return;
    const { conversation, id, seq, mod, time } = message;
    this.#settle(ref, (d) => d.resolve({ type: 'sent', ref, conversation, id, seq, mod, time }));
  }

  awaitedSince(session: LiveSession): number | null {
    let oldest: number | null = null;
    for (const pending of this.#pending.values()) {
      if (pending.session === session && (oldest === null || pending.at < oldest)) oldest = pending.at;
    }
    return oldest;
  }

  #transmit(session: LiveSession, pending: readonly Pending[]): void {
    if (!session.taking) return; // a welcome to another epoch: `reset` follows
    const due = pending.filter((p) => p.session !== session || p.hello !== session.hellos);
    if (due.length === 0) return;
    const now = Date.now();
    for (const p of due) {
      p.session = session;
      p.hello = session.hellos;
      p.at = now;
    }
    session.send(due.map((p) => p.command));
  }

  onEnd(session: LiveSession, end: SessionEnd, detail: string, retryAfterMs: number): void {
    this.#host.log(`${session.transport.kind} to ${session.relay.name || 'a relay'} ended: ${end} (${detail})`);
    if (session === this.#candidate) return this.#onCandidateEnd(end);
    if (session !== this.#primary && session !== this.#opening?.session) return;
    const opening = this.#opening?.session === session ? this.#opening : null;
    if (session === this.#primary) this.#primary = null;
    if (this.#onFinal(end)) return opening?.done(end);
    if (end === 'busy') this.#askedPauseMs = Math.max(this.#askedPauseMs, retryAfterMs);
    if (opening !== null) opening.done(end);
    else this.#onLost(session, end);
  }

  /** Ends after which there is no trying again by itself. */
  #onFinal(end: SessionEnd): boolean {
    switch (end) {
      case 'unauthenticated':
        this.#denied();
        return true;
      case 'too_many':
        this.stop('too_many');
        return true;
      case 'protocol':
        this.stop('refused');
        this.#host.onRefused();
        return true;
      default:
        return false;
    }
  }

  #denied(): void {
    this.stop();
    this.#host.onDenied();
  }

  #onCandidateEnd(end: SessionEnd): void {
    this.#candidate = null;
    if (this.#onFinal(end)) return;
    this.#block(`still ${end}`);
    this.#planUpgrade();
  }

  /** The primary session ended by itself: connect again, soon. */
  #onLost(session: LiveSession, end: SessionEnd): void {
    this.#upgrade.clear();
    this.#candidate?.close();
    this.#candidate = null;
    if (session.transport.kind === 'websocket') this.#judgeWebSocket(session, end);
    if (end !== 'lost' || session.transport.kind === 'http') this.#avoid.set(session.relay.name, Date.now() + AVOID_MS);
    this.#show({ state: 'connecting' });
    this.#next.set(this.#reconnectMs(session, end), () => void this.#attempt());
  }

  #judgeWebSocket(session: LiveSession, end: SessionEnd): void {
    const lived = Date.now() - session.welcomedAt;
    if (lived > HEALTHY_MS) {
      this.#pauseMs = this.#options.firstPauseMs ?? FIRST_PAUSE_MS;
      this.#probation = false;
    }
    if (end === 'restart' || end === 'busy' || end === 'stuck') return;
    this.#shortLives = lived < SHORT_LIFE_MS ? this.#shortLives + 1 : 0;
    if ((end === 'silent' && this.#probation) || this.#shortLives >= SHORT_LIVES) this.#block(end);
    else this.#probation = end === 'silent';
  }

  #reconnectMs(session: LiveSession, end: SessionEnd): number {
    if (end === 'restart' || end === 'busy') {
      const told = session.bye?.reconnectMs ?? 0;
      return told > 0 ? told : 500 + Math.random() * (end === 'busy' ? 5_000 : 1_500);
    }
    if (!session.wasReady) return 500 + Math.random() * 1000 * 2 ** Math.min(this.#failures++, 5);
    return end === 'lost' ? Math.random() * 500 : 0;
  }

  #show(connection: Connection): void {
    if (connection.state === this.#connection.state && connection.state === 'connecting') return;
    this.#connection = connection;
    this.#host.onConnection(connection);
  }

  log(line: string): void {
    this.#host.log(line);
  }
}
