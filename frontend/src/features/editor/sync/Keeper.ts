/** Writes to the memory one after the other, and knows whether it still takes them. */
import type { Batch, Memory } from './batch';

export class Keeper {
  private writes: Promise<void> = Promise.resolve();
  private why: string | null = null;

  constructor(
    private readonly memory: Memory,
    private readonly onFault: () => void,
  ) {}

  /** Why changes cannot be kept on this computer (private window, full disk), or null. */
  get fault(): string | null {
    return this.why;
  }

  /** Resolves once it is kept, or cannot be. */
  replace(remove: readonly string[], put: readonly Batch[]): Promise<void> {
    this.writes = this.writes.then(() =>
      this.memory.replace(remove, put).then(
        () => {
          this.why = null;
        },
        (error: unknown) => {
          this.why = error instanceof Error ? error.message : String(error);
          this.onFault();
        },
      ),
    );
    return this.writes;
  }

  /** Resolves when everything said so far is in the memory. */
  settled(): Promise<void> {
    return this.writes;
  }
}
