// SPDX-License-Identifier: Apache-2.0
//
// Storage in the browser: one IndexedDB store of key and value.
//
// A database that cannot be opened (private mode of some browsers, no space) makes every call reject; keeper.ts then goes
// on in memory. A database that another version of the program upgrades is let go and opened again at the next call.

import { openDB, type IDBPDatabase } from 'idb';
import type { Put, Storage } from './storage.ts';

const STORE = 'pairs';

export function idbStorage(name = 'parley'): Storage {
  let opened: Promise<IDBPDatabase> | null = null;
  const forget = () => {
    opened = null;
  };
  const open = (): Promise<IDBPDatabase> => {
    opened ??= openDB(name, 1, {
      upgrade: (db) => void db.createObjectStore(STORE),
      blocking: (_current, _next, event) => {
        (event.target as IDBDatabase).close();
        forget();
      },
      terminated: forget,
    }).catch((error: unknown) => {
      forget();
      throw error;
    });
    return opened;
  };
  return {
    get: async (key) => (await open()).get(STORE, key),
    list: async (prefix) => {
      const transaction = (await open()).transaction(STORE);
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const [keys, values] = await Promise.all([transaction.store.getAllKeys(range), transaction.store.getAll(range)]);
      return keys.map((key, i) => ({ key: String(key), value: values[i] as unknown }));
    },
    write: async (puts: readonly Put[]) => {
      const transaction = (await open()).transaction(STORE, 'readwrite', { durability: 'strict' });
      for (const { key, value } of puts) {
        void (value === undefined ? transaction.store.delete(key) : transaction.store.put(value, key));
      }
      transaction.commit(); // else a page that goes away now takes it with it
      await transaction.done;
    },
    close: () => {
      void opened?.then((db) => db.close());
      forget();
    },
  };
}
