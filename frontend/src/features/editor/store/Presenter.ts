/** Puts loaded frames on the screen: on the canvas, or into the pane of another camera. */

import { snapshotOf } from '../document/received';
import type { LoadedFrame } from '../frames/FrameCache';
import type { SyncQueue } from '../sync/queue';
import type { EditorStore } from './EditorStore';
import type { Edits } from './Edits';
import { NOTHING } from './hit';
import { homeTool } from './mode';
import type { Pane } from './state';
import { cameraFor } from './views';

export class Presenter {
  constructor(
    private readonly store: EditorStore,
    private readonly queue: SyncQueue,
    private readonly edits: Edits,
  ) {}

  /** Work in a frame from now on. */
  onCanvas(index: number, frame: LoadedFrame): void {
    const { state } = this.store;
    // The same frame once more, after a save or news of others: what one works at stays chosen.
    const same = state.frame?.doc.id === frame.doc.id;
    this.store.set({
      ...this.shown(state, index, frame),
      selected: same ? state.selected : null,
      composing: same ? state.composing : null,
      hover: NOTHING,
      tool: homeTool(state.mode),
      gesture: null,
      cursor: 'default',
    });
    if (this.queue.conflictOf(frame.doc.id) !== null) this.store.set({ dialog: 'conflict' });
  }

  /** A pane of another camera as it shows a frame. */
  inPane(pane: Pane, index: number, frame: LoadedFrame): Pane {
    return { ...pane, ...this.shown(pane, index, frame) };
  }

  private shown(before: Pane, index: number, frame: LoadedFrame): Omit<Pane, 'viewport'> {
    const { doc, candidates } = frame;
    const { camera, viewport } = before;
    const own = this.queue.load(doc.id, snapshotOf(doc), candidates);
    const { document, inferred } = this.edits.dress(doc.id, own, candidates);
    const look = { camera, viewport, follow: this.store.state.view.follow };
    return {
      index,
      frame,
      document,
      inferred,
      loading: false,
      loadError: null,
      camera: cameraFor(doc, document?.skeleton ?? null, before.frame?.doc ?? null, look),
      ...this.edits.labelsOf(doc.id),
    };
  }
}
