// SPDX-License-Identifier: Apache-2.0
//
// The tabs of one browser profile: which one leads (holds the link), and a channel between them.
//
// With Web Locks the leader is who holds a lock, so a tab that dies is replaced at once. Without (plain HTTP at a host name
// other than localhost) the tabs elect one over the channel: who hears no leader says that it leads; of two, the lower name
// stays. Without BroadcastChannel each tab leads itself, alone.
//
// Invariants: `onLead` and `onFollow` alternate; messages of one tab arrive in the order sent. Two leaders for a moment are
// harmless (each `ref` is stored once), so nothing here needs to be exact. Knows nothing of what the messages say.

import { uuid } from './ids.ts';
import { jitter, Timer } from './timing.ts';

export interface TabsHost {
  onLead(): void;
  onFollow(): void;
  onMessage(from: string, message: unknown): void;
}

/** What is needed of Web Locks, as far as the browser has it. */
export interface Locks {
  request(name: string, options: { signal?: AbortSignal; steal?: boolean }, held: () => Promise<void>): Promise<unknown>;
}

export interface TabsOptions {
  readonly name: string;
  readonly host: TabsHost;
  /** undefined: no channel, this tab is alone. */
  readonly channel: (new (name: string) => BroadcastChannel) | undefined;
  readonly locks: Locks | undefined;
}

interface Envelope {
  readonly from: string;
  readonly to: string | null;
  /** Of the election; null: a message for the host. */
  readonly vote: 'who' | 'lead' | 'gone' | null;
  readonly message: unknown;
}

/** How long a question for the leader is left open before leading oneself. */
const ANSWER_MS = 400;
const BEAT_MS = 3_000;
const DEAD_MS = 9_000;

export class Tabs {
  readonly id = uuid();
  readonly #options: TabsOptions;
  readonly #channel: BroadcastChannel | null;
  readonly #timer = new Timer();
  readonly #beat = new Timer();
  readonly #stop = new AbortController();
  #release: (() => void) | null = null;
  #state: 'new' | 'leading' | 'following' = 'new';

  constructor(options: TabsOptions) {
    this.#options = options;
    this.#channel = options.channel === undefined ? null : new options.channel(options.name);
  }

  /** Take part. The host is told of its role at once, or as soon as that is known. */
  start(): void {
    if (this.#channel === null) return this.#lead();
    this.#channel.onmessage = (event: MessageEvent) => this.#onEnvelope(event.data as Envelope);
    if (this.#options.locks === undefined) return this.#ask();
    void this.#waitForLock(this.#options.locks, false);
    this.#timer.set(ANSWER_MS, () => this.#follow());
  }

  get leading(): boolean {
    return this.#state === 'leading';
  }

  /** To one tab, or (null) to all others. */
  post(to: string | null, message: unknown): void {
    this.#send({ from: this.id, to, vote: null, message });
  }

  /** The leader does not answer: take its place. */
  takeOver(): void {
    if (this.#state !== 'following') return;
    if (this.#options.locks !== undefined) void this.#waitForLock(this.#options.locks, true);
    else this.#claim();
  }

  close(): void {
    if (this.leading) this.#send({ from: this.id, to: null, vote: 'gone', message: null });
    this.#timer.clear();
    this.#beat.clear();
    this.#stop.abort();
    this.#release?.();
    this.#channel?.close();
  }

  #send(envelope: Envelope): void {
    if (!this.#stop.signal.aborted) this.#channel?.postMessage(envelope);
  }

  #onEnvelope(envelope: Envelope): void {
    if (envelope.to !== null && envelope.to !== this.id) return;
    if (envelope.vote === null) this.#options.host.onMessage(envelope.from, envelope.message);
    else if (this.#options.locks === undefined) this.#onVote(envelope.vote, envelope.from);
  }

  #lead(): void {
    if (this.#state === 'leading') return;
    this.#state = 'leading';
    this.#timer.clear();
    this.#options.host.onLead();
  }

  #follow(): void {
    if (this.#state === 'following') return;
    this.#state = 'following';
    this.#options.host.onFollow();
  }

  // ---- by lock ------------------------------------------------------------------------------------------------------

  async #waitForLock(locks: Locks, steal: boolean): Promise<void> {
    const held = () =>
      new Promise<void>((resolve) => {
        this.#release = resolve;
        this.#lead();
      });
    try {
      await locks.request(this.#options.name, steal ? { steal } : { signal: this.#stop.signal }, held);
    } catch {
      if (this.#stop.signal.aborted || steal) return;
      // Another tab has taken it from us.
      this.#release = null;
      if (this.#state === 'leading') this.#follow();
      void this.#waitForLock(locks, false);
    }
  }

  // ---- by vote ------------------------------------------------------------------------------------------------------

  /** Is there a leader? Who gets no answer leads. */
  #ask(): void {
    this.#vote('who');
    this.#timer.set(jitter(ANSWER_MS, 0.4), () => this.#claim());
  }

  #claim(): void {
    this.#lead();
    this.#vote('lead');
    this.#beat.set(BEAT_MS, () => this.#claim());
  }

  #vote(vote: 'who' | 'lead' | 'gone'): void {
    this.#send({ from: this.id, to: null, vote, message: null });
  }

  #onVote(vote: 'who' | 'lead' | 'gone', from: string): void {
    if (this.leading) {
      if (vote === 'lead' && from < this.id) this.#step();
      else if (vote !== 'gone') this.#vote('lead');
    } else if (vote === 'lead') {
      this.#step();
    } else if (vote === 'gone') {
      this.#timer.set(Math.random() * 100, () => this.#ask());
    }
  }

  /** Another tab leads: follow it until it is silent for long. */
  #step(): void {
    this.#beat.clear();
    this.#timer.set(DEAD_MS, () => this.#ask());
    this.#follow();
  }
}
