/** What is known of the recording's frames: in the filmstrip, in the cache, and on the screen. */
import type { FrameDocument, FrameItem } from '@/shared/api/types';
import type { Document, Skeleton } from '../document/types';
import type { FrameCache } from '../frames/FrameCache';
import { orderFor } from '../multiview/panes';
import type { EditorStore } from './EditorStore';
import type { EditorState } from './state';

export class KnownFrames {
  constructor(
    private readonly store: EditorStore,
    private readonly cache: FrameCache,
    /** A frame as it is here, with what is not saved yet. */
    private readonly documentOf: (frameId: number) => Document | null,
  ) {}

  /** The skeleton of the same camera's frame before, if it is known here. */
  skeletonBefore({ frame, index, frames }: EditorState): Skeleton | null {
    if (frame === null) return null;
    const at = frames[index]?.id === frame.doc.id ? index : -1;
    for (let i = at - 1; i >= 0; i--) {
      const item = frames[i];
      if (item?.camera_id !== frame.doc.camera_id) continue;
      const shown = this.documentOf(item.id)?.skeleton;
      return shown ?? this.cache.document(item.id)?.annotation.joints ?? null;
    }
    return null;
  }

  /** All of them anew, as the server has them. */
  replace(frames: readonly FrameItem[]): void {
    const { state } = this.store;
    this.store.set({ frames, order: orderFor({ ...state, frames }, state.filter) });
  }

  /** The frames that were not known yet: those that are, are newer here than where these come from. */
  complete(all: readonly FrameItem[]): void {
    const { state, item } = this.store;
    const known = new Map(state.frames.map((frame) => [frame.id, frame]));
    const frames = all.map((frame) => known.get(frame.id) ?? frame);
    const index = frames.findIndex((frame) => frame.id === item?.id);
    const order = orderFor({ ...state, frames }, state.filter);
    this.store.set({ frames, order, index: Math.max(0, index) });
  }

  /** Change what the filmstrip knows of a frame. */
  patchItem(frameId: number, change: Partial<FrameItem>): void {
    const { frames, index: here } = this.store.state;
    const index =
      frames[here]?.id === frameId ? here : frames.findIndex((item) => item.id === frameId);
    const item = frames[index];
    if (item !== undefined) {
      this.store.set({ frames: frames.with(index, { ...item, ...change }) });
    }
  }

  /** Change what the filmstrip knows of many frames, in one go. */
  patchItems(changes: ReadonlyMap<number, Partial<FrameItem>>): void {
    if (changes.size === 0) return;
    const frames = this.store.state.frames.map((item) => {
      const change = changes.get(item.id);
      return change === undefined ? item : { ...item, ...change };
    });
    this.store.set({ frames });
  }

  /** Change what is known of the frame itself: comments, mark, box. */
  patch(frameId: number, change: (doc: FrameDocument) => FrameDocument): void {
    this.cache.update(frameId, change);
    const { frame } = this.store.state;
    if (frame?.doc.id === frameId) {
      this.store.set({ frame: { ...frame, doc: change(frame.doc) } });
    }
    this.store.patchPane(frameId, (pane) => ({
      frame: pane.frame && { ...pane.frame, doc: change(pane.frame.doc) },
    }));
  }
}
