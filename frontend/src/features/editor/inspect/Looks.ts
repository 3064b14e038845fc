/** How long each frame has been before the inspector, as this tab has seen it. */

export interface Look {
  readonly frameId: number;
  readonly seconds: number;
}

export interface LooksNeeds {
  readonly now: () => number;
  readonly send: (looks: readonly Look[]) => Promise<unknown>;
}

/** Nobody looks at one frame for longer without touching anything. */
const IDLE_MS = 60_000;

/**
 * The server keeps the longest time that it is told of a frame, so that saying it twice changes
 * nothing, and what could not be sent is simply said with the next one.
 */
export class Looks {
  private readonly total = new Map<number, number>();
  private readonly unsent = new Set<number>();
  private frameId: number | null = null;
  private since = 0;

  constructor(private readonly needs: LooksNeeds) {}

  /** This frame is before the inspector from now on; null while nothing is, or nobody looks. */
  show(frameId: number | null): void {
    if (frameId === this.frameId) return;
    this.count();
    this.frameId = frameId;
  }

  /** Tell the server what it does not know yet. */
  async flush(): Promise<void> {
    this.count();
    const ids = [...this.unsent];
    if (ids.length === 0) return;
    this.unsent.clear();
    try {
      await this.needs.send(
        ids.map((frameId) => ({ frameId, seconds: (this.total.get(frameId) ?? 0) / 1000 })),
      );
    } catch {
      for (const id of ids) this.unsent.add(id);
    }
  }

  private count(): void {
    const now = this.needs.now();
    if (this.frameId !== null) {
      const time = Math.min(now - this.since, IDLE_MS);
      this.total.set(this.frameId, (this.total.get(this.frameId) ?? 0) + time);
      this.unsent.add(this.frameId);
    }
    this.since = now;
  }
}
