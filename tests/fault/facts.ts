// SPDX-License-Identifier: Apache-2.0
//
// One era of a history, sorted for the properties to look things up in. Pure, and linear in the history's length.

import type { Entry, Of } from './history.ts';

export type Sighting = Of<'saw'>;

/** A send, with all that was heard of it in this era. */
export interface Send {
  attempt: Of<'try'>;
  again: Of<'again'>[];
  /** The acknowledgements; the first one counts for order. */
  oks: Of<'ok'>[];
  final: Of<'no'> | undefined;
}

/** One life of a device, while it was there. */
export interface Life {
  begin: Of<'life'>;
  ready: Of<'ready'> | undefined;
  gone: Of<'gone'> | undefined;
}

export class Facts {
  readonly era: number;
  /** What was observed in this era, in order. */
  readonly entries: readonly Entry[];
  readonly sends = new Map<string, Send>();
  /** Every attempt by its key: pages, edits and the rest too. */
  readonly tries = new Map<string, Of<'try'>>();
  /** Who attempted a text: a send, or an edit of one. */
  readonly texts = new Map<string, Of<'try'>>();
  readonly refused = new Map<string, Of<'no'>>();
  /** conversation → seq → row, and key → rows. */
  readonly rows = new Map<string, Map<number, Of<'row'>>>();
  readonly rowsOf = new Map<string, Of<'row'>[]>();
  readonly members: Of<'member'>[] = [];
  readonly held: Of<'held'>[] = [];
  readonly sightings: Sighting[] = [];
  readonly lives = new Map<string, Life>();
  /** Of all eras: a restore is a fault that begins in one and ends in the next. */
  readonly faults: Of<'fault'>[];
  /** Acknowledgements of the era before, from before the backup was made: this era has to hold them. */
  readonly inherited: Of<'ok'>[] = [];

  constructor(history: readonly Entry[], era: number) {
    this.era = era;
    const dump = history.findLast((entry) => entry.is === 'dump' && entry.era === era - 1);
    this.entries = history.filter((entry) => entry.era === era);
    this.faults = history.filter((entry) => entry.is === 'fault');
    for (const entry of history) {
      if (entry.era > era) continue;
      if (entry.is === 'try') this.#attempt(entry);
      else if (entry.era === era) this.#take(entry);
      else if (entry.is === 'ok' && this.sends.has(entry.key) && entry.era === era - 1 && dump && entry.n < dump.n) this.inherited.push(entry);
    }
  }

  #attempt(entry: Of<'try'>): void {
    this.tries.set(entry.key, entry);
    if (entry.op === 'send') this.sends.set(entry.key, { attempt: entry, again: [], oks: [], final: undefined });
    if (entry.body !== undefined && !this.texts.has(entry.body)) this.texts.set(entry.body, entry);
  }

  #take(entry: Entry): void {
    switch (entry.is) {
      case 'again':
        this.sends.get(entry.key)?.again.push(entry);
        break;
      case 'ok':
        this.sends.get(entry.key)?.oks.push(entry);
        break;
      case 'no':
        if (!entry.final) break;
        this.refused.set(entry.key, entry);
        if (this.sends.has(entry.key)) this.sends.get(entry.key)!.final = entry;
        break;
      case 'row':
        mapIn(this.rows, entry.state.conversation).set(entry.state.seq, entry);
        if (entry.key !== null) listIn(this.rowsOf, entry.key).push(entry);
        break;
      case 'member':
        this.members.push(entry);
        break;
      case 'held':
        this.held.push(entry);
        break;
      case 'saw':
        this.sightings.push(entry);
        break;
      case 'life':
        this.lives.set(entry.life, { begin: entry, ready: undefined, gone: undefined });
        break;
      case 'ready':
        if (this.lives.has(entry.life)) this.lives.get(entry.life)!.ready ??= entry;
        break;
      case 'gone':
        if (this.lives.has(entry.life)) this.lives.get(entry.life)!.gone = entry;
        break;
      default:
    }
  }

  /** Whether the database's final rows were read in this era. */
  get complete(): boolean {
    return this.members.length > 0;
  }

  /** The sends that were acknowledged in this era, by their first acknowledgement. */
  acknowledged(): { send: Send; ok: Of<'ok'> }[] {
    return [...this.sends.values()].flatMap((send) => (send.oks[0] ? [{ send, ok: send.oks[0] }] : []))
      .sort((a, b) => a.ok.n - b.ok.n);
  }
}

export function listIn<K, V>(map: Map<K, V[]>, key: K): V[] {
  let list = map.get(key);
  if (!list) map.set(key, (list = []));
  return list;
}

export function mapIn<K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let inner = map.get(key);
  if (!inner) map.set(key, (inner = new Map()));
  return inner;
}
