/** Moving between frames. */
import type { FrameItem } from '@/shared/api/types';
import type { FrameCache } from '../frames/FrameCache';
import type { Filter } from '../frames/navigation';
import type { OtherPanes } from '../multiview/OtherPanes';
import { orderFor, showsViews } from '../multiview/panes';
import type { EditorStore } from './EditorStore';
import { afterPaint, markSwitchPainted } from './measure';
import type { Presenter } from './Presenter';

const AHEAD = 10;
const BEHIND = 3;

export interface WalkNeeds {
  readonly store: EditorStore;
  readonly cache: FrameCache;
  readonly presenter: Presenter;
  /** Frames that arrive after the person left them may belong to another camera's pane. */
  readonly panes: OtherPanes;
  readonly onPosition: (position: number) => void;
}

export class Walk {
  private direction: 1 | -1 = 1;
  private prefetching = false;

  constructor(private readonly needs: WalkNeeds) {}

  /** Show another frame; `since` is when the person asked for it (performance.now()). */
  go(index: number, since: number): void {
    const { store, cache, presenter, onPosition } = this.needs;
    const { frames, index: before } = store.state;
    const item = frames[index];
    if (item === undefined) return;
    if (index !== before) this.direction = index > before ? 1 : -1;
    if (store.state.notice !== null) store.set({ notice: null });
    const ready = cache.peek(item.id);
    if (ready !== null) {
      presenter.onCanvas(index, ready);
      markSwitchPainted(since, item.position, true);
    } else {
      store.set({ index, loading: true, loadError: null, selected: null, composing: null });
      this.load(item, since);
    }
    onPosition(item.position);
    this.prefetchSoon();
  }

  /** Say which frame is worked in: another pane was activated. */
  announce(): void {
    const { item } = this.needs.store;
    if (item !== null) this.needs.onPosition(item.position);
  }

  /** Load the frame on the canvas once more, because somebody else changed it. */
  reload(): void {
    const { item } = this.needs.store;
    if (item === null) return;
    this.needs.cache.invalidate(item.id);
    this.load(item, null);
  }

  setFilter(filter: Filter): void {
    const { store } = this.needs;
    store.set({ filter, order: orderFor(store.state, filter) });
    this.prefetch();
  }

  private load(item: FrameItem, since: number | null): void {
    const { store, cache, presenter, panes } = this.needs;
    cache.load(item.id).then(
      (loaded) => {
        if (store.item?.id !== item.id) {
          panes.arrived(item.id, loaded);
          return;
        }
        presenter.onCanvas(store.state.index, loaded);
        if (since !== null) markSwitchPainted(since, item.position, false);
      },
      (error: unknown) => {
        if (store.item?.id !== item.id) return;
        // The frame before would otherwise stay on the canvas, and be decided in place of this one.
        const here = store.frameId === item.id ? {} : { frame: null, document: null };
        store.set({ ...here, loading: false, loadError: error });
      },
    );
  }

  /** What lies ahead is asked for when the frame is on the screen. */
  private prefetchSoon(): void {
    if (this.prefetching) return;
    this.prefetching = true;
    afterPaint(() => {
      this.prefetching = false;
      this.prefetch();
    });
  }

  private prefetch(): void {
    const { state } = this.needs.store;
    const { order, frames, index } = state;
    const at = Math.max(0, order.indexOf(index));
    const wanted: (number | undefined)[] = [index];
    const wide = showsViews(state) ? 2 : 1;
    for (let n = 1; n <= AHEAD * wide; n++) {
      wanted.push(order[at + n * this.direction]);
      if (n <= BEHIND * wide) wanted.push(order[at - n * this.direction]);
    }
    const ids = wanted.flatMap((i) => (i === undefined ? [] : (frames[i]?.id ?? [])));
    this.needs.cache.prefetch(ids);
  }
}
