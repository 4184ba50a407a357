// SPDX-License-Identifier: Apache-2.0
//
// The outbox: sends that the server has not taken yet. Run by the tab that holds the link.
//
// Invariants
// - An entry is in storage before it is sent and until it is settled; its `ref` never changes. So reload, crash, a second
//   tab or a lost answer may repeat a send, and the server stores it once.
// - One conversation's entries go one at a time, in the order of `order`: a retryable failure (429, 503, no answer) holds
//   the later ones; a final one marks the entry failed and lets them pass.
// - Sent and not yet shown back: kept in memory only, as 'sent', until its message comes.
// Knows the link only as a function that sends until answered.

import type { OutboxEntry } from './api.ts';
import { asProblem, retryPause } from './http.ts';
import type { Request, Sent } from './link.ts';
import { Problem } from './problem.ts';
import type { Id, ProblemDocument } from './protocol.ts';
import { Timer } from './timing.ts';

/** An entry as it lies in storage and goes between tabs. */
export interface Entry {
  readonly ref: string;
  readonly conversation: Id;
  readonly body: string;
  readonly reply_to: number | null;
  readonly thread: number | null;
  readonly mentions: readonly Id[];
  readonly attachments: readonly unknown[];
  readonly created: number;
  /** Place in the queue: creation time, or the time of "Try again", made unique. */
  readonly order: number;
  readonly state: 'waiting' | 'sent' | 'failed';
  readonly seq: number | null;
  readonly problem: ProblemDocument | null;
}

export interface OutboxHost {
  request(command: Request): Promise<Sent>;
  drop(ref: string): void;
  /** Make the entry durable; undefined removes it. */
  store(ref: string, entry: Entry | undefined): Promise<void>;
  /** The entry is new, changed, or (undefined) gone: show it. */
  show(ref: string, entry: Entry | undefined): void;
  log(line: string): void;
}

interface Queue {
  /** The ref that is under way. */
  busy: string | null;
  attempts: number;
  readonly pause: Timer;
}

export class Outbox {
  readonly #host: OutboxHost;
  readonly #entries = new Map<string, Entry>();
  readonly #queues = new Map<Id, Queue>();
  /** Entries that are being written to storage: not to be sent yet, nor what is behind them. */
  readonly #unstored = new Set<string>();
  #closed = false;

  constructor(host: OutboxHost) {
    this.#host = host;
  }

  /** Take over what storage holds, at start. */
  load(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (!this.#entries.has(entry.ref)) this.#put(entry);
    }
    for (const conversation of new Set(entries.map((e) => e.conversation))) this.#pump(conversation);
  }

  /** A new entry. Resolves when it is durable; it is sent only then. */
  async add(entry: Entry): Promise<void> {
    if (!this.#entries.has(entry.ref)) await this.#enqueue(entry);
  }

  /** Try a failed entry again, behind what waits already. */
  async retry(ref: string): Promise<void> {
    const entry = this.#entries.get(ref);
    if (entry?.state === 'failed') await this.#enqueue({ ...entry, state: 'waiting', problem: null, order: nextOrder() });
  }

  async #enqueue(entry: Entry): Promise<void> {
    this.#unstored.add(entry.ref);
    this.#put(entry);
    try {
      await this.#host.store(entry.ref, entry);
    } finally {
      this.#unstored.delete(entry.ref);
      this.#pump(entry.conversation);
    }
  }

  /** Forget an entry. What is under way may still be stored by the server. */
  async discard(ref: string): Promise<void> {
    const entry = this.#entries.get(ref);
    if (entry === undefined) return;
    this.#host.drop(ref);
    await this.#remove(entry);
    this.#pump(entry.conversation);
  }

  /** A message of one's own with this ref is in the store: nothing is left to do for it. */
  shown(ref: string): void {
    const entry = this.#entries.get(ref);
    if (entry === undefined) return;
    this.#host.drop(ref);
    void this.#remove(entry);
    this.#pump(entry.conversation);
  }

  close(): void {
    this.#closed = true;
    for (const queue of this.#queues.values()) queue.pause.clear();
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  #put(entry: Entry): void {
    this.#entries.set(entry.ref, entry);
    this.#host.show(entry.ref, entry);
  }

  async #remove(entry: Entry): Promise<void> {
    this.#entries.delete(entry.ref);
    this.#host.show(entry.ref, undefined);
    await this.#host.store(entry.ref, undefined);
  }

  /** Send the conversation's next entry, unless one is under way or a pause is on. */
  #pump(conversation: Id): void {
    if (this.#closed) return;
    const queue = this.#queue(conversation);
    if (queue.pause.running) return;
    if (queue.busy !== null && this.#entries.get(queue.busy)?.state === 'waiting') return;
    const next = this.#nextOf(conversation);
    queue.busy = next?.ref ?? null;
    if (next === undefined) this.#queues.delete(conversation);
    else void this.#send(next, queue);
  }

  #queue(conversation: Id): Queue {
    let queue = this.#queues.get(conversation);
    if (queue === undefined) {
      queue = { busy: null, attempts: 0, pause: new Timer() };
      this.#queues.set(conversation, queue);
    }
    return queue;
  }

  #nextOf(conversation: Id): Entry | undefined {
    let next: Entry | undefined;
    for (const entry of this.#entries.values()) {
      if (entry.conversation !== conversation || entry.state !== 'waiting') continue;
      if (next === undefined || entry.order < next.order) next = entry;
    }
    return next === undefined || this.#unstored.has(next.ref) ? undefined : next;
  }

  async #send(entry: Entry, queue: Queue): Promise<void> {
    try {
      const { seq } = await this.#host.request(commandOf(entry));
      queue.attempts = 0;
      await this.#onSent(entry.ref, seq);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.name === 'stopped') return;
      if (problem.retryable) return this.#hold(entry, queue, problem);
      await this.#onRefused(entry.ref, problem);
    }
    if (queue.busy === entry.ref) queue.busy = null;
    this.#pump(entry.conversation);
  }

  #hold(entry: Entry, queue: Queue, problem: Problem): void {
    if (this.#closed) return;
    this.#host.log(`send held: ${problem.name}`);
    queue.pause.set(retryPause(problem, ++queue.attempts), () => {
      queue.busy = null;
      this.#pump(entry.conversation);
    });
  }

  async #onSent(ref: string, seq: number): Promise<void> {
    const entry = this.#entries.get(ref);
    if (entry === undefined) return;
    this.#put({ ...entry, state: 'sent', seq });
    await this.#host.store(ref, undefined);
  }

  async #onRefused(ref: string, problem: Problem): Promise<void> {
    const entry = this.#entries.get(ref);
    if (entry === undefined) return;
    const failed: Entry = { ...entry, state: 'failed', problem: problem.document };
    this.#put(failed);
    await this.#host.store(ref, failed);
  }
}

let lastOrder = 0;

/** A place behind every earlier one of this device, also of other tabs as far as their clock goes. */
export function nextOrder(): number {
  lastOrder = Math.max(Date.now(), lastOrder + 0.001);
  return lastOrder;
}

function commandOf(entry: Entry): Request {
  return {
    type: 'send', ref: entry.ref, conversation: entry.conversation, body: entry.body,
    ...(entry.reply_to === null ? {} : { reply_to: entry.reply_to }),
    ...(entry.thread === null ? {} : { thread: entry.thread }),
    ...(entry.mentions.length === 0 ? {} : { mentions: entry.mentions }),
    ...(entry.attachments.length === 0 ? {} : { attachments: entry.attachments }),
  };
}

/** The entry as the screen sees it. */
export function entryView(entry: Entry): OutboxEntry {
  const { order: _, problem, ...rest } = entry;
  return { ...rest, problem: problem === null ? null : new Problem(problem) };
}
