/** The address of the frame on the canvas, so that a reload or a copied link opens it again. */
import { frameParam } from '@/shared/domain/frameAddress';

/**
 * How often the address may change: browsers refuse between 100 and 200 changes in ten seconds,
 * and a key that is held down makes 30 in one.
 */
const BURST = 40;
const PER_SECOND = 4;
/** Naming a frame costs the browser milliseconds: it is done in a pause, so soon at the latest. */
const SOON_MS = 50;
/** When the hand rests, the router hears of the frame: it is too slow for every key press. */
const REST_MS = 250;

const here = (): string => `${location.pathname}${location.search}`;

/** Do this when nothing else is to be done, soon at the latest. */
const inPause = (work: () => void): void => {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: SOON_MS });
  else window.setTimeout(work);
};

export class Address {
  private readonly frames: string;
  private wanted: string | null = null;
  /** What follows the path, such as `?views=grid`. */
  search = '';
  private timer = 0;
  private waiting = false;
  private spare = BURST;
  private since = performance.now();

  constructor(recordingId: number) {
    this.frames = `/recordings/${recordingId}/frames/`;
  }

  /** Name the frame at a position (counted from 0) as soon as the browser has a pause. */
  show(position: number): void {
    this.wanted = `${this.frames}${frameParam(position)}${this.search}`;
    this.flushSoon();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      // This one, which the router replaced by its own, tells it as well.
      if (this.wanted !== null && this.isHere) history.replaceState(history.state, '', this.wanted);
    }, REST_MS);
  }

  /** Name the frame now; the router stays asleep. */
  flush(): void {
    if (this.wanted === null || !this.isHere || here() === this.wanted) return;
    History.prototype.replaceState.call(history, history.state, '', this.wanted);
  }

  stop(): void {
    window.clearTimeout(this.timer);
    this.wanted = null;
  }

  private flushSoon(): void {
    if (this.waiting) return; // what is wanted then is named
    const now = performance.now();
    this.spare = Math.min(BURST, this.spare + ((now - this.since) / 1000) * PER_SECOND);
    this.since = now;
    if (this.spare < 1) return;
    this.spare -= 1;
    this.waiting = true;
    inPause(() => {
      this.waiting = false;
      this.flush();
    });
  }

  /** Somebody who is on the way out already must not be called back. */
  private get isHere(): boolean {
    return location.pathname.startsWith(this.frames);
  }
}
