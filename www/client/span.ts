// SPDX-License-Identifier: Apache-2.0
//
// A run of one conversation's messages without a gap: from `lo` on, sorted by seq, each seq once.
//
// Invariant: of two states of one message the one with the higher `mod` stays, whatever order they come in.
// While a catch-up is under way a seq may be missing for a moment (it was changed, so it comes later): see protocol
// section 3, *Order*. Pure: no signals, no I/O.

import type { Message } from './protocol.ts';

export class Span {
  /** The lowest seq covered; what is below is not held. */
  lo: number;
  #rows: Message[];
  #shared = false;

  constructor(lo: number, rows: readonly Message[] = []) {
    this.lo = lo;
    this.#rows = [...rows];
  }

  /** The messages, as an array that will not change any more. */
  snapshot(): readonly Message[] {
    this.#shared = true;
    return this.#rows;
  }

  get length(): number {
    return this.#rows.length;
  }

  get last(): Message | undefined {
    return this.#rows[this.#rows.length - 1];
  }

  get(seq: number): Message | undefined {
    const row = this.#rows[this.#find(seq)];
    return row?.seq === seq ? row : undefined;
  }

  /** Take a message. 'below': not covered; 'same': held in this state or a later one. */
  put(message: Message): 'new' | 'changed' | 'same' | 'below' {
    if (message.seq < this.lo) return 'below';
    const i = this.#find(message.seq);
    const held = this.#rows[i];
    if (held?.seq !== message.seq) {
      this.#write().splice(i, 0, message);
      return 'new';
    }
    if (held.mod >= message.mod) return 'same';
    this.#write()[i] = message;
    return 'changed';
  }

  /** Cover from `lo` on, which is lower than before. */
  extend(lo: number, messages: readonly Message[]): void {
    this.lo = Math.min(this.lo, lo);
    for (const message of messages) this.put(message);
  }

  /** Stop covering what is below `seq`; returns what was dropped. */
  raise(seq: number): readonly Message[] {
    if (seq <= this.lo) return [];
    this.lo = seq;
    return this.#write().splice(0, this.#find(seq));
  }

  /** Keep the newest `n` only; returns what was dropped. */
  trim(n: number): readonly Message[] {
    const first = this.#rows[this.#rows.length - n];
    return first === undefined || this.#rows.length <= n ? [] : this.raise(first.seq);
  }

  /** The index of the first message whose seq is not below `seq`. */
  #find(seq: number): number {
    const rows = this.#rows;
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (rows[middle]!.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #write(): Message[] {
    if (this.#shared) this.#rows = [...this.#rows];
    this.#shared = false;
    return this.#rows;
  }
}
