/** When to try again: soon after the first failure, then less and less often. */
export class Patience {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private failures = 0;
  private stopped = false;

  constructor(
    private readonly act: () => void,
    private readonly pauses: { readonly firstMs: number; readonly mostMs: number },
  ) {}

  /** Act after so long, unless something sooner or later is planned already. */
  within(delay: number): void {
    if (this.timer !== null || this.stopped) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.act();
    }, delay);
  }

  /** It failed: twice as long as the last time, with some chance, so that many do not come at once. */
  longer(): void {
    const { firstMs, mostMs } = this.pauses;
    const pause = Math.min(mostMs, firstMs * 2 ** this.failures++);
    this.within(pause * (0.75 + Math.random() / 2));
  }

  /** The next failure is the first one. */
  begin(): void {
    this.failures = 0;
  }

  /** Forget what was planned. */
  clear(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  stop(): void {
    this.stopped = true;
    this.clear();
  }
}
