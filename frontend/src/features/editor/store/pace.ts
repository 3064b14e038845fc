/** What follows a joint in the hand, without holding up the frame of the screen that shows it. */
import type { EditorState } from './state';

/** Many that follow together: one task for all of them, so many milliseconds after the first asked. */
export class Pace {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly ms: number) {}

  later(take: () => void): void {
    this.waiting.add(take);
    this.timer ??= setTimeout(() => this.run(), this.ms);
  }

  /** Whoever took in the meantime, or is gone, need not be told. */
  forget(take: () => void): void {
    this.waiting.delete(take);
    if (this.waiting.size > 0) return;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private run(): void {
    const all = [...this.waiting];
    this.waiting.clear();
    this.timer = undefined;
    for (const take of all) take();
  }
}

/** Lists beside the canvas: nobody reads them while a joint is in the hand. */
const LISTS_MS = 200;
/** Marks over the image that come of more than the joint's place. */
const MARKS_MS = 80;

export interface Paces {
  readonly lists: Pace;
  readonly marks: Pace;
}

export const newPaces = (): Paces => ({ lists: new Pace(LISTS_MS), marks: new Pace(MARKS_MS) });

/** Whether a joint is being dragged; the guide, too, has one under the hand, which nothing moves. */
export const isDragging = ({ gesture }: Pick<EditorState, 'gesture'>): boolean =>
  gesture?.joint !== undefined && gesture.next === undefined;

/** Whether nothing but the place of dragged joints changed between two states. */
export const onlyDragged = (state: EditorState, before: EditorState): boolean =>
  isDragging(state) &&
  state.gesture === before.gesture &&
  state.frame === before.frame &&
  state.camera === before.camera &&
  state.viewport === before.viewport &&
  state.view === before.view &&
  state.selected === before.selected &&
  state.panes === before.panes;
