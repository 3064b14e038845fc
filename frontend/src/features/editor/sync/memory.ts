/** The offline queue's memory: one IndexedDB object store, keyed by operation id. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Batch, Memory } from './batch';
import type { OtherTabs } from './leftBehind';

interface Schema extends DBSchema {
  batches: { key: string; value: Batch };
}

export class IndexedDbMemory implements Memory {
  private database: Promise<IDBPDatabase<Schema>> | null = null;

  constructor(private readonly name = 'infantnet') {}

  async all(): Promise<Batch[]> {
    return (await this.open()).getAll('batches');
  }

  async replace(remove: readonly string[], put: readonly Batch[]): Promise<void> {
    const transaction = (await this.open()).transaction('batches', 'readwrite', {
      durability: 'relaxed',
    });
    const written = [
      ...remove.map((id) => transaction.store.delete(id)),
      ...put.map((batch) => transaction.store.put(batch, batch.operationId)),
      transaction.done,
    ];
    // Said at once, it holds even if the page goes away before the browser answers.
    transaction.commit();
    await Promise.all(written);
  }

  private open(): Promise<IDBPDatabase<Schema>> {
    this.database ??= openDB<Schema>(this.name, 1, {
      upgrade: (database) => {
        database.createObjectStore('batches');
      },
      terminated: () => {
        this.database = null;
      },
    });
    this.database.catch(() => {
      this.database = null;
    });
    return this.database;
  }
}

let page: string | null = null;

/**
 * The name under which this page keeps changes, whoever of its parts does; it is held as a lock
 * while the page lives, so that others see when it is gone.
 */
export function thisTab(): string {
  if (page !== null) return page;
  const name = crypto.randomUUID();
  page = name;
  navigator.locks
    ?.request(lockOf(name), () => new Promise(() => undefined))
    .catch(() => {
      // The browser ends the request when the page goes away; there is nothing left to do then.
    });
  return name;
}

/** The browser's other tabs, by their locks. Without lock support every other tab counts as gone. */
export const OTHER_TABS: OtherTabs = {
  isGone: async (tab) => {
    if (navigator.locks === undefined) return true;
    return navigator.locks.request(lockOf(tab), { ifAvailable: true }, (lock) => lock !== null);
  },
  whenGone: async (tab, signal, then) => {
    await navigator.locks.request(lockOf(tab), { signal }, then);
  },
};

const lockOf = (tab: string): string => `infantnet-tab-${tab}`;
