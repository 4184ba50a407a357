// SPDX-License-Identifier: Apache-2.0
//
// A conversation's members as a list: the room's roster, loaded page by page.

import { signal } from '@preact/signals-core';
import type { Members } from './api.ts';
import type { Fetcher } from './fetcher.ts';
import { asProblem } from './http.ts';
import type { Problem } from './problem.ts';
import { compareIds, type Id, type Member, type Role } from './protocol.ts';
import type { Store, Viewer } from './store.ts';

const RANK: { readonly [role in Role]: number } = { owner: 0, admin: 1, member: 2 };
const rank = (member: Member): number => (member.role === null ? 3 : RANK[member.role]);

export class MembersView implements Members, Viewer {
  readonly conversation: Id;
  readonly list = signal<readonly Member[]>([]);
  readonly loading = signal(false);
  readonly complete = signal(false);
  readonly problem = signal<Problem | null>(null);
  readonly #store: Store;
  readonly #fetcher: Fetcher;
  readonly #detach: () => void;
  readonly #onClosed: () => void;

  constructor(conversation: Id, store: Store, fetcher: Fetcher, onClosed: () => void) {
    this.conversation = conversation;
    this.#store = store;
    this.#fetcher = fetcher;
    this.#onClosed = onClosed;
    this.#detach = store.attach(this);
    this.onChange();
    if (this.list.peek().length === 0) void this.loadMore();
  }

  onChange(): void {
    const room = this.#store.room(this.conversation);
    const members = [...(room?.roster?.values() ?? [])];
    this.list.value = members.sort((a, b) => rank(a) - rank(b) || compareIds(a.account, b.account));
    this.complete.value = room?.rosterNext === null;
  }

  onReplaced(): void {
    void this.loadMore();
  }

  async loadMore(): Promise<void> {
    this.loading.value = true;
    this.problem.value = null;
    try {
      if (this.#store.room(this.conversation) === undefined) await this.#fetcher.fetchRoom(this.conversation);
      const room = this.#store.room(this.conversation);
      if (room !== undefined) await this.#fetcher.loadMembers(room);
    } catch (error) {
      this.problem.value = asProblem(error);
    }
    this.loading.value = false;
  }

  close(): void {
    this.#detach();
    this.#onClosed();
  }
}
