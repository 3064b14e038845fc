/**
 * Corrections travel: after each save the server is asked what follows for the frames near it, and
 * what is shown follows, unless a person touched it.
 */
import type { Estimates as Columns, Question } from '@/shared/api/types';
import type { EditorStore } from '../store/EditorStore';
import type { Edits } from '../store/Edits';
import { type Estimates, readColumns } from './estimates';

/** The server's part. */
export interface TravelSource {
  /** What follows at once near a frame in which something was saved. */
  near(frameId: number): Promise<Columns>;
  /** What was solved last, near a frame. */
  around(frameId: number): Promise<Columns>;
  /** Where a look helps most. */
  question(): Promise<Question>;
}

export interface TravelNeeds {
  readonly store: EditorStore;
  readonly edits: Edits;
  readonly estimates: Estimates;
  readonly source: TravelSource | null;
  readonly go: (index: number, since?: number) => void;
  readonly select: (joint: number) => void;
}

/** Moments from the middle of what was read after which more is read. */
const NEAR = 25;
const AGAIN_MS = 900;
const MOST_TIMES = 8;

export class Travel {
  /** The moment around which estimates were read last. */
  private middle: number | null = null;
  private asking = false;
  /** Saved while an answer was on its way: asked for next. */
  private next: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  /** Frames that were accepted, and that a question led back to. */
  private readonly again = new Set<number>();

  constructor(private readonly needs: TravelNeeds) {}

  /** Something was saved in a frame: what follows from it? */
  saved(frameId: number): void {
    this.next = frameId;
    void this.askNear();
  }

  /** Another frame is shown: are its neighbours known? */
  follow(): void {
    const moment = this.needs.store.item?.moment_index;
    if (moment === undefined) return;
    if (this.middle === null || Math.abs(moment - this.middle) > NEAR) void this.read(false);
  }

  /** The recording was solved anew, or what travelled was taken back. */
  renewed(): void {
    void this.read(true);
  }

  /** Go where a look helps most. */
  async ask(since?: number): Promise<'gone' | 'check' | 'again' | 'nothing' | 'later'> {
    const { source, store, go, select } = this.needs;
    if (source === null) return 'later';
    const { ready, frame_id: frameId, joints, check, again } = await source.question();
    if (!ready) return 'later';
    const index = store.state.frames.findIndex((item) => item.id === frameId);
    if (frameId === null || index < 0) return 'nothing';
    go(index, since);
    const [first] = joints;
    if (first !== undefined && store.settled) select(first);
    if (again) {
      this.again.add(frameId);
      return 'again';
    }
    return check ? 'check' : 'gone';
  }

  /** Whether accepting an accepted frame anew is an answer: a question led back to it. Once. */
  answersAgain(frameId: number): boolean {
    return this.again.delete(frameId);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async askNear(times = 0): Promise<void> {
    const { source } = this.needs;
    const frameId = this.next;
    if (source === null || this.asking || frameId === null) return;
    this.asking = true;
    this.next = null;
    let ready = true;
    try {
      const found = await source.near(frameId);
      ready = found.ready;
      if (ready) this.take(found);
    } catch {
      // Nothing is lost: the next save asks again, and the whole is solved behind the scenes.
    }
    this.asking = false;
    if (this.next !== null) void this.askNear();
    else if (!ready && times < MOST_TIMES && !this.closed) {
      this.next = frameId;
      this.timer = setTimeout(() => void this.askNear(times + 1), AGAIN_MS);
    }
  }

  private async read(anew: boolean): Promise<void> {
    const { source, store, estimates } = this.needs;
    const { item } = store;
    if (source === null || item === null) return;
    this.middle = item.moment_index;
    try {
      const found = await source.around(item.id);
      if (anew) estimates.keepFrom(found.frames.length === 0 ? Infinity : found.solve);
      this.take(found);
    } catch {
      this.middle = null; // asked again with the next step
    }
  }

  private take(found: Columns): void {
    const { store, edits, estimates } = this.needs;
    if (this.closed) return;
    estimates.put(readColumns(found));
    const { frames, panes } = store.state;
    const shown = [store.frameId, ...[...panes.values()].map(({ index }) => frames[index]?.id)];
    for (const id of shown) if (id !== null && id !== undefined) edits.dressAgain(id);
  }
}
