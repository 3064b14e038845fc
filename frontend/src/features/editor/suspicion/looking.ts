/**
 * How long a person looked at the frames on the screen, of all cameras of the moment that are shown:
 * only while the tab is seen and somebody moves.
 *
 * A saved change takes the time with it, and the clock of that frame begins anew.
 */
import { MOST_SECONDS } from '@/shared/domain/rules.gen';

/** Who moves neither hand nor key for so long is not counted on. */
export const IDLE_MS = 20_000;

export class Looking {
  private frames: readonly number[] = [];
  private since = 0;
  private active = 0;
  private readonly spent = new Map<number, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** These frames are on the screen now; none while the tab is hidden. */
  show(frames: readonly number[]): void {
    this.settle();
    this.frames = frames;
    this.since = this.active = this.now();
  }

  /** Somebody moved. */
  moved(): void {
    this.settle();
    this.active = this.now();
  }

  /** Seconds for which a frame was looked at since it was last taken; begins anew. */
  take(frame: number): number {
    this.settle();
    const seconds = (this.spent.get(frame) ?? 0) / 1000;
    this.spent.delete(frame);
    return Math.min(Math.round(seconds * 100) / 100, MOST_SECONDS);
  }

  private settle(): void {
    const now = this.now();
    const until = Math.min(now, this.active + IDLE_MS);
    if (until > this.since) {
      for (const frame of this.frames) {
        this.spent.set(frame, (this.spent.get(frame) ?? 0) + until - this.since);
      }
    }
    this.since = now;
  }
}
