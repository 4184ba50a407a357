// SPDX-License-Identifier: Apache-2.0
//
// Drafts: on this device at once, on the server for one's other devices a little later.
//
// Invariants: a draft that was changed here, in any tab, and is not yet on the server is never overwritten by what the server
// says; what this device has sent up is not taken for news when it comes back.

import type { Draft } from './api.ts';
import type { Http } from './http.ts';
import type { Keeper, KeptDraft } from './keeper.ts';
import type { Id } from './protocol.ts';
import type { Store } from './store.ts';
import { Timer } from './timing.ts';

const STORE_MS = 100;
const PUSH_MS = 2_000;
/** For so long after the last word of another tab a draft is taken to be on its way up there. */
const ELSEWHERE_MS = 2 * PUSH_MS;

interface Pending {
  readonly store: Timer;
  readonly push: Timer;
  readonly elsewhere: Timer;
  /** What the server was given and has not said back yet, the latest last. */
  sent: string[];
}

export class Drafts {
  readonly #http: Http;
  readonly #keeper: Keeper;
  readonly #store: Store;
  readonly #pending = new Map<Id, Pending>();

  constructor(http: Http, keeper: Keeper, store: Store) {
    this.#http = http;
    this.#keeper = keeper;
    this.#store = store;
  }

  /** Drafts from storage; what is not yet on the server goes there. */
  load(drafts: ReadonlyMap<Id, KeptDraft>): void {
    for (const [conversation, { text, reply_to, pushed }] of drafts) {
      this.#store.showDraft(conversation, { text, reply_to });
      if (!pushed) this.#plan(conversation);
    }
  }

  /** The person typed. */
  set(conversation: Id, draft: Draft): void {
    const before = this.#store.draft(conversation).peek();
    if (before.text === draft.text && before.reply_to === draft.reply_to) return;
    this.#store.showDraft(conversation, draft);
    this.#storeSoon(conversation, this.#plan(conversation).store);
  }

  /** Write it at once, and what follows within a moment together. */
  #storeSoon(conversation: Id, timer: Timer): void {
    if (timer.running) return;
    void this.#save(conversation);
    timer.set(STORE_MS, () => void this.#save(conversation));
  }

  /** Another tab of this device changed it (and takes care of the server). */
  mirror(conversation: Id, draft: Draft): void {
    this.#store.showDraft(conversation, draft);
    this.#of(conversation).elsewhere.set(ELSEWHERE_MS, () => {});
  }

  /** Another device changed it. */
  fromServer(conversation: Id, text: string): void {
    const pending = this.#of(conversation);
    const echo = pending.sent.indexOf(text);
    if (echo >= 0) pending.sent = pending.sent.slice(echo + 1);
    if (echo >= 0 || pending.push.running || pending.elsewhere.running || this.#store.draft(conversation).peek().text === text) return;
    pending.sent = [];
    this.#store.showDraft(conversation, { text, reply_to: null });
    void this.#keeper.draft(conversation, undefined);
  }

  /** Connected again: give the server what it has not got. */
  push(): void {
    for (const [conversation, { push }] of this.#pending) if (push.running) push.set(0, () => void this.#push(conversation));
  }

  /** Write what is not in storage yet. */
  async flush(): Promise<void> {
    const unsaved = [...this.#pending].filter(([, { store }]) => store.running);
    for (const [, { store }] of unsaved) store.clear();
    await Promise.all(unsaved.map(([conversation]) => this.#save(conversation)));
  }

  /** Stop; with `save`, write what is not in storage yet. */
  async close(save: boolean): Promise<void> {
    const saved = save ? this.flush() : undefined;
    for (const { store, push, elsewhere } of this.#pending.values()) for (const timer of [store, push, elsewhere]) timer.clear();
    await saved;
  }

  /** How many the server has not got. */
  get unsent(): number {
    return [...this.#pending].filter(([id, { push }]) => push.running && this.#store.draft(id).peek().text.trim() !== '').length;
  }

  #of(conversation: Id): Pending {
    let pending = this.#pending.get(conversation);
    if (pending === undefined) this.#pending.set(conversation, (pending = { store: new Timer(), push: new Timer(), elsewhere: new Timer(), sent: [] }));
    return pending;
  }

  #plan(conversation: Id): Pending {
    const pending = this.#of(conversation);
    pending.push.set(PUSH_MS, () => void this.#push(conversation));
    return pending;
  }

  #save(conversation: Id, pushed = false): Promise<void> {
    const draft = this.#store.draft(conversation).peek();
    const empty = draft.text === '' && draft.reply_to === null;
    return this.#keeper.draft(conversation, pushed && empty ? undefined : { ...draft, pushed });
  }

  async #push(conversation: Id): Promise<void> {
    const pending = this.#plan(conversation);
    const { text } = this.#store.draft(conversation).peek();
    pending.sent = [...pending.sent.slice(-9), text];
    try {
      await this.#http.request('PATCH', `/api/conversations/${conversation}/me`, { body: { draft: text === '' ? null : text }, repeat: true, tries: 1 });
    } catch {
      pending.push.set(PUSH_MS * 15, () => void this.#push(conversation));
      return;
    }
    if (this.#store.draft(conversation).peek().text !== text) return;
    pending.push.clear();
    pending.store.clear();
    await this.#save(conversation, true);
  }
}
