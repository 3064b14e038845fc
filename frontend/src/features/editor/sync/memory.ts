/** The offline queue's memory: one IndexedDB object store, keyed by operation id. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Batch, Memory } from './batch';

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
    await Promise.all([
      ...remove.map((id) => transaction.store.delete(id)),
      ...put.map((batch) => transaction.store.put(batch, batch.operationId)),
      transaction.done,
    ]);
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

/** A name under which changes are kept, held as a lock while it lives. */
export interface OpenTab {
  readonly name: string;
  /** Resolves once others see that it is gone. */
  readonly leave: () => Promise<void>;
}

/** A name for this tab, held as a lock while it lives, so that others see when it is gone. */
export function openTab(): OpenTab {
  const name = crypto.randomUUID();
  let release: () => void = () => undefined;
  const left = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = navigator.locks
    ?.request(lockOf(name), () => left)
    .catch(() => {
      // The browser ends the request when the page goes away; there is nothing left to do then.
    });
  return {
    name,
    leave: async () => {
      release();
      await held;
    },
  };
}

/** Whether the tab of that name is closed. Without lock support every other tab counts as gone. */
export async function isTabGone(tab: string): Promise<boolean> {
  if (navigator.locks === undefined) return true;
  return navigator.locks.request(lockOf(tab), { ifAvailable: true }, (lock) => lock !== null);
}

const lockOf = (tab: string): string => `infantnet-tab-${tab}`;
