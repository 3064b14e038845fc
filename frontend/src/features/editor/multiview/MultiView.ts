/**
 * All cameras of a moment at once.
 *
 * The pane that is worked in is the editor's own state, so that tools, keys and side panels know
 * nothing of the others; activating another camera exchanges the two.
 */
import type { SessionCalibration } from '@/shared/api/types';
import type { Document } from '../document/types';
import type { LoadedFrame } from '../frames/FrameCache';
import type { Editor } from '../store/Editor';
import {
  type EditorState,
  EMPTY_PANE,
  type Layout,
  type Pane,
  type ViewSettings,
} from '../store/state';
import { cameraFor } from '../store/views';
import { snapshotOf } from '../sync/transport';
import { acceptFromViews, type Scope } from './accept';
import { type Consensus, ConsensusMaker } from './consensus';
import { activeCamera, activePane, canShowViews, isSettled, paneOf } from './panes';

export const DEFAULT_SETTINGS: ViewSettings = {
  layout: 'single',
  scene: true,
  strip: false,
  thresholdPx: 15,
};

export class MultiView {
  private readonly maker = new ConsensusMaker();

  constructor(
    private readonly editor: Editor,
    private readonly onSettings: (settings: ViewSettings) => void,
  ) {}

  /** Whether there are several cameras to show. */
  get possible(): boolean {
    return canShowViews(this.editor.state);
  }

  /** Whether they are shown now. */
  get on(): boolean {
    return this.possible && this.editor.state.views.layout !== 'single';
  }

  /** Ids of the session's cameras in their order. */
  get cameras(): readonly number[] {
    const list = this.editor.state.recording.cameras_list ?? [];
    return [...list].sort((a, b) => a.index - b.index).map((camera) => camera.id);
  }

  /** Ids of the frames in the other panes. */
  get otherFrames(): readonly number[] {
    const { frames, panes } = this.editor.state;
    return [...panes.values()].flatMap((pane) => frames[pane.index]?.id ?? []);
  }

  nameOf(camera: number): string {
    const { recording } = this.editor.state;
    return recording.cameras_list?.find(({ id }) => id === camera)?.name ?? `camera ${camera}`;
  }

  /** On which points the cameras of this moment agree; the same object while nothing changed. */
  consensus(state: EditorState = this.editor.state): Consensus {
    return this.maker.of(state);
  }

  change(change: Partial<ViewSettings>): void {
    const { editor } = this;
    const before = this.on;
    const views = { ...editor.state.views, ...change };
    editor.set({ views });
    this.onSettings(views);
    if (before !== this.on) {
      editor.finishGesture();
      editor.walk.setFilter(editor.state.filter);
    }
    this.follow();
  }

  setLayout(layout: Layout): void {
    this.change({ layout });
  }

  setCalibration(calibration: SessionCalibration | null): void {
    this.editor.set({ calibration });
  }

  /** Work in another camera's pane; `enlarge` also gives it the large place. */
  activate(camera: number, enlarge = false): boolean {
    const { editor } = this;
    if (enlarge && this.on) editor.set({ large: camera });
    if (camera === activeCamera(editor.state)) return true;
    const pane = editor.state.panes.get(camera);
    if (!this.on || pane === undefined || pane.index < 0) {
      editor.notify(`${this.nameOf(camera)} has no frame of this moment.`, 'warn');
      return false;
    }
    editor.finishGesture();
    editor.queue.flush();
    this.exchange(camera, pane);
    editor.walk.announce();
    if (editor.frameId !== null && editor.queue.conflictOf(editor.frameId) !== null) {
      editor.set({ dialog: 'conflict' });
    }
    if (editor.state.tool === 'place') editor.setTool('place');
    return true;
  }

  /** The next camera of the moment, round and round. */
  cycle(direction: 1 | -1): void {
    const { cameras } = this;
    const here = activeCamera(this.editor.state);
    const at = here === null ? -1 : cameras.indexOf(here);
    for (let n = 1; n < cameras.length; n++) {
      const next = cameras[(at + n * direction + n * cameras.length) % cameras.length];
      const pane = next === undefined ? null : paneOf(this.editor.state, next);
      if (next !== undefined && pane !== null && pane.index >= 0) {
        this.activate(next, true);
        return;
      }
    }
  }

  /** Before a frame of another camera is shown: its pane is the one that is worked in from now on. */
  prepare(camera: number): void {
    const { state } = this.editor;
    if (!this.on || camera === activeCamera(state)) return;
    this.exchange(camera, state.panes.get(camera) ?? EMPTY_PANE);
  }

  /** Show the moment of the active pane in all others. */
  follow(): void {
    const { editor } = this;
    if (!this.on) {
      if (editor.state.panes.size > 0) editor.set({ panes: new Map(), large: null });
      return;
    }
    const { frames, index, panes } = editor.state;
    const here = frames[index];
    if (here === undefined) return;
    const next = new Map<number, Pane>();
    for (const camera of this.cameras) {
      if (camera === here.camera_id) continue;
      const pane = panes.get(camera) ?? EMPTY_PANE;
      const at = frames.findIndex(
        (item) => item.camera_id === camera && item.moment_id === here.moment_id,
      );
      const id = frames[at]?.id;
      const same = pane.index === at && pane.frame?.doc.id === id && !pane.loading;
      // What the cache forgot, because the stage moved or somebody wrote, is read again.
      const known = id === undefined || editor.cache.document(id) !== null;
      next.set(camera, same && known ? pane : this.opened(pane, at));
    }
    editor.set({ panes: next });
  }

  /** A frame that a pane waited for is there. */
  arrived(frameId: number, frame: LoadedFrame): void {
    const found = this.paneOfFrame(frameId);
    if (found !== null && !isSettled(this.editor.state, found.pane)) {
      this.setPane(found.camera, this.presented(found.pane, found.pane.index, frame));
    }
  }

  /** Read a frame again that somebody else changed; false if no pane shows it. */
  reload(frameId: number): boolean {
    const found = this.paneOfFrame(frameId);
    if (found === null) return false;
    this.editor.cache.invalidate(frameId);
    this.load(frameId, found.camera);
    return true;
  }

  /** Change the pane of a frame that is not the one worked in. */
  patch(frameId: number, change: (pane: Pane) => Partial<Pane>): void {
    const found = this.paneOfFrame(frameId);
    if (found?.pane.frame?.doc.id !== frameId) return;
    this.setPane(found.camera, { ...found.pane, ...change(found.pane) });
  }

  /** Change how a camera's pane looks at its image; null is the one that is worked in. */
  look(camera: number | null, change: Partial<Pick<Pane, 'camera' | 'viewport'>>): void {
    const { state } = this.editor;
    if (camera === null || camera === activeCamera(state)) this.editor.set(change);
    else this.setPane(camera, { ...(state.panes.get(camera) ?? EMPTY_PANE), ...change });
  }

  /** All other panes look at the infant, or at the whole image, as is set for every frame. */
  lookAgain(): void {
    const { panes, view } = this.editor.state;
    const next = new Map(panes);
    for (const [camera, pane] of panes) {
      const { frame, document, viewport } = pane;
      if (frame === null || viewport.width === 0) continue;
      const look = { camera: pane.camera, viewport, follow: view.follow };
      const skeleton = document?.skeleton ?? null;
      next.set(camera, { ...pane, camera: cameraFor(frame.doc, skeleton, null, look) });
    }
    this.editor.set({ panes: next });
  }

  /** Take places from the views that see a joint. */
  accept(scope: Scope): void {
    acceptFromViews(this.editor, scope);
  }

  private paneOfFrame(frameId: number): { camera: number; pane: Pane } | null {
    const { frames, panes } = this.editor.state;
    for (const [camera, pane] of panes) {
      if (frames[pane.index]?.id === frameId) return { camera, pane };
    }
    return null;
  }

  private setPane(camera: number, pane: Pane): void {
    this.editor.set({ panes: new Map(this.editor.state.panes).set(camera, pane) });
  }

  private exchange(camera: number, pane: Pane): void {
    const { editor } = this;
    const before = activeCamera(editor.state);
    const panes = new Map(editor.state.panes);
    if (before !== null) panes.set(before, activePane(editor.state));
    panes.delete(camera);
    const id = pane.frame?.doc.id;
    editor.set({
      ...pane,
      ...(id === undefined ? {} : editor.edits.labelsOf(id)),
      panes,
      gesture: null,
      composing: null,
      pointer: null,
      hover: { kind: 'nothing' },
      notice: null,
    });
  }

  private opened(pane: Pane, index: number): Pane {
    const item = this.editor.state.frames[index];
    if (item === undefined)
      return { ...pane, index: -1, frame: null, document: null, loading: false };
    const ready = this.editor.cache.peek(item.id);
    if (ready !== null) return this.presented(pane, index, ready);
    this.load(item.id, item.camera_id);
    return { ...pane, index, loading: true, loadError: null };
  }

  private presented(pane: Pane, index: number, frame: LoadedFrame): Pane {
    const { queue, state, edits } = this.editor;
    const { doc, candidates } = frame;
    const document = queue.load(doc.id, snapshotOf(doc.annotation), candidates);
    const { camera, viewport } = pane;
    const look = { camera, viewport, follow: state.view.follow };
    return {
      ...pane,
      ...edits.labelsOf(doc.id),
      index,
      frame,
      document,
      loading: false,
      loadError: null,
      camera: cameraFor(doc, document?.skeleton ?? null, pane.frame?.doc ?? null, look),
    };
  }

  private load(frameId: number, camera: number): void {
    const { editor } = this;
    const isHere = () => editor.item?.id === frameId;
    editor.cache.load(frameId).then(
      (loaded) => {
        if (isHere()) editor.present(editor.state.index, loaded);
        else {
          const found = this.paneOfFrame(frameId);
          if (found === null) return;
          this.setPane(found.camera, this.presented(found.pane, found.pane.index, loaded));
        }
      },
      (error: unknown) => {
        const failed = { frame: null, document: null, loading: false, loadError: error };
        const pane = editor.state.panes.get(camera);
        if (isHere()) editor.set(failed);
        else if (editor.state.frames[pane?.index ?? -1]?.id === frameId && pane) {
          this.setPane(camera, { ...pane, ...failed });
        }
      },
    );
  }

  /** A frame's document as its pane has it; null where no pane shows it. */
  documentOf(frameId: number): { document: Document; frame: LoadedFrame } | null {
    const pane = this.paneOfFrame(frameId)?.pane;
    if (!pane?.document || pane.frame?.doc.id !== frameId || pane.loading) return null;
    return { document: pane.document, frame: pane.frame };
  }
}
