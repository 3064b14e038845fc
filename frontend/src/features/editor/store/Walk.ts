/** Moving between frames, and what the filmstrip knows of them. */
import type { FrameItem } from '@/shared/api/types';
import type { LoadedFrame } from '../frames/FrameCache';
import type { Filter } from '../frames/navigation';
import { orderFor } from '../multiview/panes';
import type { Editor } from './Editor';
import { markSwitchPainted } from './measure';

const AHEAD = 10;
const BEHIND = 3;

export class Walk {
  private direction: 1 | -1 = 1;

  constructor(
    private readonly editor: Editor,
    private readonly onPosition: (position: number) => void,
  ) {}

  go(index: number, since: number): void {
    const { editor } = this;
    const { frames, index: before } = editor.state;
    const item = frames[index];
    if (item === undefined) return;
    if (index !== before) this.direction = index > before ? 1 : -1;
    if (editor.state.notice !== null) editor.set({ notice: null });
    const ready = editor.cache.peek(item.id);
    if (ready !== null) {
      editor.present(index, ready);
      markSwitchPainted(since, item.position, true);
    } else {
      editor.set({ index, loading: true, loadError: null, selected: null, composing: null });
      this.load(item, since);
    }
    this.onPosition(item.position);
    this.prefetch();
  }

  /** Say which frame is worked in: another pane was activated. */
  announce(): void {
    const { item } = this.editor;
    if (item !== null) this.onPosition(item.position);
  }

  /** Load the frame on the canvas once more, because somebody else changed it. */
  reload(): void {
    const { index, frames } = this.editor.state;
    const item = frames[index];
    if (item === undefined) return;
    this.editor.cache.invalidate(item.id);
    this.load(item, null);
  }

  /** Begin the work of this mode: in box review with the most doubtful box. */
  start(): void {
    const { mode, order, index } = this.editor.state;
    this.editor.go(mode === 'boxes' ? (order[0] ?? index) : index);
  }

  setFilter(filter: Filter): void {
    this.editor.set({ filter, order: orderFor(this.editor.state, filter) });
    this.prefetch();
  }

  setFrames(frames: readonly FrameItem[]): void {
    const { state } = this.editor;
    this.editor.set({ frames, order: orderFor({ ...state, frames }, state.filter) });
  }

  /** Change what the filmstrip knows of a frame. */
  patchItem(frameId: number, change: Partial<FrameItem>): void {
    const { frames, index: here } = this.editor.state;
    const index =
      frames[here]?.id === frameId ? here : frames.findIndex((item) => item.id === frameId);
    const item = frames[index];
    if (item !== undefined) {
      this.editor.set({ frames: frames.with(index, { ...item, ...change }) });
    }
  }

  /** Change what is known of the frame itself: comments, mark, box. */
  patchFrame(frameId: number, change: (doc: LoadedFrame['doc']) => LoadedFrame['doc']): void {
    this.editor.cache.update(frameId, change);
    const { frame } = this.editor.state;
    if (frame?.doc.id === frameId) {
      this.editor.set({ frame: { ...frame, doc: change(frame.doc) } });
    }
    this.editor.views.patch(frameId, (pane) => ({
      frame: pane.frame && { ...pane.frame, doc: change(pane.frame.doc) },
    }));
  }

  private load(item: FrameItem, since: number | null): void {
    const { editor } = this;
    editor.cache.load(item.id).then(
      (loaded) => {
        if (editor.item?.id !== item.id) {
          editor.views.arrived(item.id, loaded);
          return;
        }
        editor.present(editor.state.index, loaded);
        if (since !== null) markSwitchPainted(since, item.position, false);
      },
      (error: unknown) => {
        if (editor.item?.id !== item.id) return;
        // The frame before would otherwise stay on the canvas, and be decided in place of this one.
        const here = editor.frameId === item.id ? {} : { frame: null, document: null };
        editor.set({ ...here, loading: false, loadError: error });
      },
    );
  }

  private prefetch(): void {
    const { order, frames, index } = this.editor.state;
    const at = Math.max(0, order.indexOf(index));
    const wanted: (number | undefined)[] = [index];
    const wide = this.editor.views.on ? 2 : 1;
    for (let n = 1; n <= AHEAD * wide; n++) {
      wanted.push(order[at + n * this.direction]);
      if (n <= BEHIND * wide) wanted.push(order[at - n * this.direction]);
    }
    const ids = wanted.flatMap((i) => (i === undefined ? [] : (frames[i]?.id ?? [])));
    this.editor.cache.prefetch(ids);
  }
}
