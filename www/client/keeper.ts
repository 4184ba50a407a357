// SPDX-License-Identifier: Apache-2.0
//
// What of one account lies in storage, and under which key:
//   who                     the account that was logged in last on this device
//   a/ACCOUNT/sync          { epoch, accountMod }: belongs to all rooms
//   a/ACCOUNT/room/ID       RoomRecord: row, cursor and newest messages together, so each is consistent in itself
//   a/ACCOUNT/out/REF       Entry of the outbox
//   a/ACCOUNT/draft/ID      KeptDraft: unsent text of this device
//   a/ACCOUNT/person/ID     Account
//
// Invariants: `sync` is written with the rooms that it was moved by or after them, never before; entries and drafts are
// written at once, rooms a little later and together. A storage that fails is logged and done without.

import type { Account, Id } from './protocol.ts';
import type { Draft } from './api.ts';
import type { Entry } from './outbox.ts';
import type { RoomRecord } from './room.ts';
import type { Put, Storage } from './storage.ts';
import { Timer } from './timing.ts';

const FORMAT = 1;
const SAVE_MS = 400;

export interface Saved {
  readonly epoch: string;
  readonly accountMod: number;
  readonly rooms: readonly RoomRecord[];
}

/** A draft as storage keeps it; `pushed`: the server has it. */
export interface KeptDraft extends Draft {
  readonly pushed: boolean;
}

/** Where rooms are saved from. */
export interface SaveSource {
  readonly epoch: string;
  readonly accountMod: number;
  room(id: Id): { record(): RoomRecord | null } | undefined;
}

export async function lastAccount(storage: Storage): Promise<Account | null> {
  const who = (await storage.get('who')) as { account: Account } | undefined;
  return who?.account ?? null;
}

export function rememberAccount(storage: Storage, account: Account | null): Promise<void> {
  return storage.write([{ key: 'who', value: account === null ? undefined : { account } }]);
}

export class Keeper {
  readonly #storage: Storage;
  readonly #prefix: string;
  readonly #log: (line: string) => void;
  readonly #timer = new Timer();
  readonly #unsaved = new Set<Id>();
  #source: SaveSource | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(storage: Storage, account: Id, log: (line: string) => void) {
    this.#storage = storage;
    this.#prefix = `a/${account}/`;
    this.#log = log;
  }

  /** The rooms, or null when nothing (of this format) is held. */
  async rooms(): Promise<Saved | null> {
    const sync = (await this.#get('sync')) as { format: number; epoch: string; accountMod: number } | undefined;
    if (sync?.format !== FORMAT) return null;
    return { epoch: sync.epoch, accountMod: sync.accountMod, rooms: (await this.#list('room/')) as RoomRecord[] };
  }

  async entries(): Promise<readonly Entry[]> {
    return (await this.#list('out/')) as Entry[];
  }

  async drafts(): Promise<ReadonlyMap<Id, KeptDraft>> {
    const pairs = await this.#pairs('draft/');
    return new Map(pairs.map(({ key, value }) => [key, value as KeptDraft]));
  }

  async people(): Promise<readonly Account[]> {
    return (await this.#list('person/')) as Account[];
  }

  entry(ref: string, entry: Entry | undefined): Promise<void> {
    return this.#write([{ key: `out/${ref}`, value: entry }]);
  }

  draft(conversation: Id, draft: KeptDraft | undefined): Promise<void> {
    return this.#write([{ key: `draft/${conversation}`, value: draft }]);
  }

  person(people: readonly Account[]): Promise<void> {
    return this.#write(people.map((account) => ({ key: `person/${account.id}`, value: account })));
  }

  /** Save these rooms of `source` soon. */
  save(source: SaveSource, rooms: Iterable<Id>): void {
    this.#source = source;
    for (const id of rooms) this.#unsaved.add(id);
    this.#timer.setOnce(SAVE_MS, () => void this.flush());
  }

  /** Write what is not saved yet, as it is now. Resolves when it is durable. */
  async flush(): Promise<void> {
    this.#timer.clear();
    const source = this.#source;
    this.#source = null;
    if (source !== null) {
      const { epoch, accountMod } = source;
      const puts: Put[] = [...this.#unsaved].map((id) => ({ key: `room/${id}`, value: source.room(id)?.record() ?? undefined }));
      this.#unsaved.clear();
      puts.push({ key: 'sync', value: { format: FORMAT, epoch, accountMod } });
      this.#writing = this.#write(puts);
    }
    await this.#writing;
  }

  /** Write nothing that is not under way. */
  async drop(): Promise<void> {
    this.#timer.clear();
    this.#source = null;
    this.#unsaved.clear();
    await this.#writing;
  }

  /** Forget everything of the account. */
  async forget(): Promise<void> {
    await this.drop();
    const pairs = await this.#pairs('');
    await this.#write(pairs.map(({ key }) => ({ key, value: undefined })));
  }

  async #get(key: string): Promise<unknown> {
    try {
      return await this.#storage.get(this.#prefix + key);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  async #pairs(under: string): Promise<readonly { readonly key: string; readonly value: unknown }[]> {
    try {
      const prefix = this.#prefix + under;
      const pairs = await this.#storage.list(prefix);
      return pairs.map(({ key, value }) => ({ key: key.slice(prefix.length), value }));
    } catch (error) {
      this.#failed(error);
      return [];
    }
  }

  async #list(under: string): Promise<readonly unknown[]> {
    return (await this.#pairs(under)).map(({ value }) => value);
  }

  async #write(puts: readonly Put[]): Promise<void> {
    try {
      await this.#storage.write(puts.map(({ key, value }) => ({ key: this.#prefix + key, value })));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#log(`storage: ${error instanceof Error ? error.message : String(error)}`);
  }
}
