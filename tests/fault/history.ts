// SPDX-License-Identifier: Apache-2.0
//
// The history of a run: what each client attempted, was told and saw, in one order; who was a member; what was broken; and,
// at the end, what the database holds and what each device that came back holds. One JSON object a line. checker.ts judges it.
//
// A device is one client of an account. A life is one `hello` of a device: rising order counts from there. An era is a
// timeline of the database: a restore begins the next one.

import { createWriteStream, type WriteStream } from 'node:fs';

/** A message as a client or the database has it, in the form in which states are compared. */
export interface State {
  conversation: string;
  seq: number;
  mod: number;
  sender: string;
  kind: 'text' | 'system';
  /** null: deleted, or a system message. */
  body: string | null;
  deleted: boolean;
  edited: boolean;
  reply_to: number | null;
  /** `emoji:account,account` of each, sorted. */
  reactions: string;
  pinned: boolean;
}

export type Op = 'send' | 'edit' | 'delete' | 'react' | 'unreact' | 'read' | 'page';
/** How a message came to be seen: by the live link, a history page, /api/changes, or the answer to a POST. */
export type Path = 'live' | 'page' | 'changes' | 'answer';

interface Seen {
  device: string;
  account: string;
  conversation: string;
}

export type Fact =
  /** Something is attempted. `key` names it; a send's is its `ref`, and its text is one that nothing else has. `fifo`: sends of
   *  this device with the same mark take effect in the order of their attempts. */
  | ({ is: 'try'; key: string; op: Op; body?: string; seq?: number; reply_to?: number; fifo?: string } & Seen)
  /** The same key is sent again. */
  | { is: 'again'; key: string }
  /** It was acknowledged. */
  | { is: 'ok'; key: string; conversation: string; seq: number; mod: number }
  /** It was refused. Unless final, only this try was: it may be repeated, or an earlier try may still be on its way. */
  | { is: 'no'; key: string; problem: string; final: boolean }
  | { is: 'life'; device: string; account: string; life: string; relay: string }
  /** Caught up; or, without `whole`, connected only: the library does not say when it has all. */
  | { is: 'ready'; device: string; life: string; whole: boolean }
  | { is: 'gone'; device: string; life: string }
  /** From now on the device holds the conversation, from `from` on, and is kept up to date. */
  | ({ is: 'follows'; from: number } & Seen)
  /** It let go of it: `left`, or it begins anew. */
  | ({ is: 'drops' } & Seen)
  /** `left` of its own account came over the live link; `joined`: it was told of being in it again. */
  | ({ is: 'left'; life: string } & Seen)
  | ({ is: 'joined'; life: string } & Seen)
  | ({ is: 'saw'; life: string; path: Path; page?: string; state: State } & Seen)
  /** A page was read whole: the messages from `first` to `last`; the newest there is was `newest` (null: not said). */
  | ({ is: 'page'; key: string; first: number; last: number; newest: number | null } & Seen)
  /** A marker was told: `of` has read (or received) up to `seq`. */
  | ({ is: 'marker'; marker: 'read' | 'received'; of: string; seq: number } & Seen)
  /** An account goes in or out: `try` before it is asked for, `ok` once it is known to be so. */
  | { is: 'in'; phase: 'try' | 'ok'; conversation: string; account: string }
  | { is: 'out'; phase: 'try' | 'ok'; conversation: string; account: string }
  /** A fault begins or has ended. `touches`: 'all', a relay, or a device. */
  | { is: 'fault'; name: string; phase: 'begin' | 'end'; touches: string }
  /** A device is not what it should be by now: back after a fault, or, at the end, connected and answered. */
  | { is: 'away'; device: string; what: string }
  /** The backup that the next era begins with is being made. */
  | { is: 'dump' }
  /** Quiet at the end: what a device that came back holds from `from` on. */
  | ({ is: 'held'; from: number; states: State[]; read_seq: number; unread: number } & Seen)
  /** At the era's end: a message of the database, and its key. */
  | { is: 'row'; key: string | null; state: State }
  | { is: 'member'; conversation: string; account: string; in: boolean; read_seq: number };

/** `n` counts from 1 and is the order; `t` is a steady clock's milliseconds. */
export type Entry = Fact & { n: number; t: number; era: number };
export type Of<Is extends Fact['is']> = Extract<Entry, { is: Is }>;

export class History {
  readonly entries: Entry[] = [];
  era = 0;
  /** What was attempted before this, and not answered by then, has an unknown fate: the database is another since. */
  #fence = 0;
  #restoring = false;
  #file: WriteStream | undefined;

  /** With a file, every line is written as it comes, so that a harness that is killed leaves its history. */
  constructor(file?: string) {
    if (file) this.#file = createWriteStream(file);
  }

  add(fact: Fact, era = this.era): Entry {
    const entry: Entry = { n: this.entries.length + 1, t: Math.round(performance.now()), era, ...fact };
    this.entries.push(entry);
    this.#file?.write(`${JSON.stringify(entry)}\n`);
    return entry;
  }

  /** The number that the next entry gets: what an attempt remembers for `valid`. */
  get next(): number {
    return this.entries.length + 1;
  }

  /** Whether the answer to what was attempted at `n` may be believed to come from the present era. */
  valid(n: number): boolean {
    return !this.#restoring && n > this.#fence;
  }

  beginRestore(): void {
    this.#restoring = true;
  }

  endRestore(): void {
    this.#restoring = false;
    this.#fence = this.entries.length;
    this.era++;
  }

  async close(): Promise<void> {
    await new Promise<void>((done) => (this.#file ? this.#file.end(() => done()) : done()));
  }
}

/** A message of the wire as a state. */
export function stateOf(message: Record<string, any>): State {
  const reactions = ((message.reactions ?? []) as { emoji: string; accounts: string[] }[])
    .map(({ emoji, accounts }) => `${emoji}:${accounts.toSorted().join()}`).toSorted().join(' ');
  return {
    conversation: message.conversation, seq: message.seq, mod: message.mod, sender: message.sender, kind: message.kind ?? 'text',
    body: message.deleted || message.kind === 'system' ? null : (message.body ?? null), deleted: message.deleted ?? false,
    edited: Boolean(message.edited), reply_to: message.deleted ? null : (message.reply_to ?? null), reactions, pinned: message.pinned ?? false,
  };
}

export const toLines = (entries: readonly Entry[]): string => entries.map((entry) => JSON.stringify(entry)).join('\n');
export const fromLines = (text: string): Entry[] => text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Entry);
