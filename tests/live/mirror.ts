// SPDX-License-Identifier: Apache-2.0
//
// What a careful client holds after a series of events, and a judge of the series itself: in one connection each
// conversation's mod and the account's account_mod rise strictly, and nothing of a conversation comes after `left`.

import assert from 'node:assert/strict';
import type { Live, LiveEvent } from '../lib/live.ts';

export class Mirror {
  accountMod: number | undefined;
  epoch: string | undefined;
  readonly cursors = new Map<string, number>();
  /** By conversation and seq, in the state last told. */
  readonly messages = new Map<string, Map<number, LiveEvent>>();
  #told = new Map<string, number>();
  #toldAccount = 0;
  #left = new Set<string>();
  #welcome: LiveEvent | undefined;

  /** The members of a hello that continues from here. */
  get resume(): Record<string, unknown> {
    return {
      ...(this.accountMod === undefined ? {} : { account_mod: this.accountMod }),
      ...(this.epoch === undefined ? {} : { epoch: this.epoch }),
      resume: Object.fromEntries(this.cursors),
    };
  }

  /** The list as a client reads it before its hello. */
  list(answer: { epoch: string; account_mod: number; conversations: { id: string; mod: number }[] }): void {
    this.epoch = answer.epoch;
    this.accountMod = answer.account_mod;
    for (const { id, mod } of answer.conversations) this.cursors.set(id, mod);
  }

  /** Takes all events of one connection, in order. */
  take(live: Live): void {
    this.#told.clear();
    this.#left.clear();
    this.#toldAccount = 0;
    for (const event of live.events) this.#event(event);
  }

  #event(event: LiveEvent): void {
    const text = JSON.stringify(event);
    const id: string | undefined = event.conversation?.id ?? event.conversation;
    if (event.account_mod !== undefined && event.type !== 'welcome') {
      assert.ok(event.account_mod > this.#toldAccount, `account_mod does not rise: ${text}`);
      this.#toldAccount = this.accountMod = event.account_mod;
    }
    switch (event.type) {
      case 'welcome':
        this.#welcome = event;
        this.epoch = event.epoch;
        break;
      case 'ready':
        this.accountMod = Math.max(this.accountMod ?? 0, this.#welcome!.account_mod as number);
        break;
      case 'message':
      case 'member':
        this.#row(id!, event.mod, text);
        break;
      case 'conversation':
        this.#conversation(event.conversation, event.account_mod, text);
        break;
      case 'left':
        if (event.account_mod === undefined && !this.#mine(event)) this.#row(id!, event.mod, text);
        else this.#gone(id!);
        break;
    }
    if (event.type === 'message') this.#message(id!, event);
  }

  /** A `left` of a hello's foreign conversation has no account_mod either: it names one's own account. */
  #mine(event: LiveEvent): boolean {
    return event.account === this.#welcome?.account.id;
  }

  #row(id: string, mod: number, text: string): void {
    assert.ok(!this.#left.has(id), `after left: ${text}`);
    assert.ok(mod > (this.#told.get(id) ?? 0), `mod does not rise: ${text}`);
    this.#told.set(id, mod);
    this.cursors.set(id, mod);
  }

  #conversation(c: { id: string; mod?: number; changed_mod: number }, accountMod: number | undefined, text: string): void {
    if (c.mod !== undefined) {
      this.#left.delete(c.id);
      if (!this.cursors.has(c.id)) {
        this.cursors.set(c.id, c.mod);
        this.#told.set(c.id, c.mod);
      }
    } else if (accountMod === undefined) {
      this.#row(c.id, c.changed_mod, text);
    }
  }

  #gone(id: string): void {
    this.#left.add(id);
    this.#told.delete(id);
    this.cursors.delete(id);
    this.messages.delete(id);
  }

  #message(id: string, event: LiveEvent): void {
    const held = this.messages.get(id) ?? new Map<number, LiveEvent>();
    this.messages.set(id, held);
    assert.ok(event.mod > (held.get(event.seq)?.mod ?? 0), `a message twice: ${JSON.stringify(event)}`);
    held.set(event.seq, event);
  }

  /** Texts of a conversation by seq. */
  texts(id: string): (string | undefined)[] {
    return [...(this.messages.get(id) ?? [])].sort(([a], [b]) => a - b).map(([, m]) => m.body as string | undefined);
  }
}

/** A new mirror of one connection's events. */
export function mirrorOf(live: Live): Mirror {
  const mirror = new Mirror();
  mirror.take(live);
  return mirror;
}
