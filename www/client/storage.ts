// SPDX-License-Identifier: Apache-2.0
//
// What the library needs of a store on the device, and the one that lives in memory.
//
// Invariants: a `write` is atomic and durable when its promise resolves; keys sort by code unit; values survive
// structured clone. Everything else (which keys, what they mean) is records.ts.

export interface Put {
  readonly key: string;
  /** undefined deletes the key. */
  readonly value: unknown;
}

export interface Storage {
  get(key: string): Promise<unknown>;
  /** All pairs whose key begins with `prefix`, in the order of the keys. */
  list(prefix: string): Promise<readonly { readonly key: string; readonly value: unknown }[]>;
  write(puts: readonly Put[]): Promise<void>;
  close(): void;
}

/** A storage that is gone with the process: for bots, tests, and browsers that refuse IndexedDB. */
export function memoryStorage(): Storage {
  const pairs = new Map<string, unknown>();
  return {
    get: async (key) => structuredClone(pairs.get(key)),
    list: async (prefix) =>
      [...pairs]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => ({ key, value: structuredClone(value) })),
    write: async (puts) => {
      for (const { key, value } of puts) {
        if (value === undefined) pairs.delete(key);
        else pairs.set(key, structuredClone(value));
      }
    },
    close: () => {},
  };
}
