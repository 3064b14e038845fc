/** Whose the changes are that lie on this computer: a closed tab's are taken up, a living one's not. */
import type { Batch, Memory } from './batch';

/** What is known of the browser's other tabs, by the names under which they keep changes. */
export interface OtherTabs {
  readonly isGone: (tab: string) => Promise<boolean>;
  /** Calls back once the tab is gone, before anybody else hears of it; rejects when aborted. */
  readonly whenGone: (tab: string, signal: AbortSignal, then: () => Promise<void>) => Promise<void>;
}

interface Visit {
  readonly memory: Memory;
  readonly userId: number;
  readonly tab: string;
  readonly others?: OtherTabs;
}

interface Queue {
  readonly isHere: (operationId: string) => boolean;
  /** Gets them in the order in which they were made. */
  readonly adopt: (batches: readonly Batch[]) => Promise<void>;
}

export class Leftovers {
  /** Tabs that live and hold changes of this person: when one is gone, they are taken up. */
  private readonly watched = new Set<string>();
  private readonly leaving = new AbortController();

  constructor(
    private readonly visit: Visit,
    private readonly queue: Queue,
  ) {}

  /**
   * Take up what closed tabs left. A tab that lives, or whose end the browser did not tell yet, as
   * after a reload, is watched until it is gone. `gone` need not be asked for.
   */
  async look(gone: readonly string[] = []): Promise<number> {
    const { memory, userId, tab, others } = this.visit;
    const left = (await memory.all()).filter(
      (batch) => batch.userId === userId && !this.queue.isHere(batch.operationId),
    );
    // What an earlier editor of this very tab left behind, because the log-in had ended, is ours.
    const free = new Set([tab, ...gone]);
    for (const name of new Set(left.map((batch) => batch.tab))) {
      if (free.has(name)) continue;
      if (others === undefined || (await others.isGone(name))) free.add(name);
      else this.watch(name, others);
    }
    const ours = left
      .filter((batch) => free.has(batch.tab))
      .sort((a, b) => a.createdAt - b.createdAt || a.sequence - b.sequence);
    if (ours.length === 0 || this.leaving.signal.aborted) return 0;
    await this.queue.adopt(ours);
    return ours.length;
  }

  stop(): void {
    this.leaving.abort();
  }

  private watch(name: string, others: OtherTabs): void {
    if (this.watched.has(name)) return;
    this.watched.add(name);
    const take = async (): Promise<void> => {
      this.watched.delete(name);
      await this.look([name]);
    };
    // Ended by `stop`, or by the page going away: then another visit takes them up.
    others.whenGone(name, this.leaving.signal, take).catch(() => undefined);
  }
}
