/** The panes of the cameras that are not worked in: they follow the moment of the one that is. */
import type { FrameCache, LoadedFrame } from '../frames/FrameCache';
import type { EditorStore } from '../store/EditorStore';
import type { Presenter } from '../store/Presenter';
import { EMPTY_PANE, type Pane } from '../store/state';
import { cameraFor } from '../store/views';
import { activeCamera, camerasOf, isSettled, paneOfFrame, showsViews } from './panes';

export class OtherPanes {
  constructor(
    private readonly store: EditorStore,
    private readonly cache: FrameCache,
    private readonly presenter: Presenter,
  ) {}

  /** Ids of the frames in these panes. */
  get frames(): readonly number[] {
    const { frames, panes } = this.store.state;
    return [...panes.values()].flatMap((pane) => frames[pane.index]?.id ?? []);
  }

  /** Show the moment of the active pane in all others. */
  follow(): void {
    const { store } = this;
    const { frames, index, panes } = store.state;
    if (!showsViews(store.state)) {
      if (panes.size > 0) store.set({ panes: new Map(), large: null });
      return;
    }
    const here = frames[index];
    if (here === undefined) return;
    const next = new Map<number, Pane>();
    for (const camera of camerasOf(store.state)) {
      if (camera === here.camera_id) continue;
      const pane = panes.get(camera) ?? EMPTY_PANE;
      const at = frames.findIndex(
        (item) => item.camera_id === camera && item.moment_id === here.moment_id,
      );
      const id = frames[at]?.id;
      const same = pane.index === at && pane.frame?.doc.id === id && !pane.loading;
      // What the cache forgot, because the stage moved or somebody wrote, is read again.
      const known = id === undefined || this.cache.document(id) !== null;
      next.set(camera, same && known ? pane : this.opened(pane, at));
    }
    store.set({ panes: next });
  }

  /** A frame that a pane waited for is there. */
  arrived(frameId: number, frame: LoadedFrame): void {
    const { state } = this.store;
    const found = paneOfFrame(state, frameId);
    if (found !== null && !isSettled(state, found.pane)) {
      this.present(found.camera, found.pane, frame);
    }
  }

  /** Read a frame again that somebody else changed; false if no pane shows it. */
  reload(frameId: number): boolean {
    const found = paneOfFrame(this.store.state, frameId);
    if (found === null) return false;
    this.cache.invalidate(frameId);
    this.load(frameId, found.camera);
    return true;
  }

  /** Change how a camera's pane looks at its image; null is the one that is worked in. */
  look(camera: number | null, change: Partial<Pick<Pane, 'camera' | 'viewport'>>): void {
    const { store } = this;
    if (camera === null || camera === activeCamera(store.state)) store.set(change);
    else store.setPane(camera, { ...(store.state.panes.get(camera) ?? EMPTY_PANE), ...change });
  }

  /** All of them look at the infant, or at the whole image, as is set for every frame. */
  lookAgain(): void {
    const { panes, view } = this.store.state;
    const next = new Map(panes);
    for (const [camera, pane] of panes) {
      const { frame, document, viewport } = pane;
      if (frame === null || viewport.width === 0) continue;
      const look = { camera: pane.camera, viewport, follow: view.follow };
      const skeleton = document?.skeleton ?? null;
      next.set(camera, { ...pane, camera: cameraFor(frame.doc, skeleton, null, look) });
    }
    this.store.set({ panes: next });
  }

  private opened(pane: Pane, index: number): Pane {
    const item = this.store.state.frames[index];
    if (item === undefined)
      return { ...pane, index: -1, frame: null, document: null, loading: false };
    const ready = this.cache.peek(item.id);
    if (ready !== null) return this.presenter.inPane(pane, index, ready);
    this.load(item.id, item.camera_id);
    return { ...pane, index, loading: true, loadError: null };
  }

  private present(camera: number, pane: Pane, frame: LoadedFrame): void {
    this.store.setPane(camera, this.presenter.inPane(pane, pane.index, frame));
  }

  private load(frameId: number, camera: number): void {
    const { store } = this;
    const isHere = () => store.item?.id === frameId;
    this.cache.load(frameId).then(
      (loaded) => {
        if (isHere()) this.presenter.onCanvas(store.state.index, loaded);
        else {
          const found = paneOfFrame(store.state, frameId);
          if (found !== null) this.present(found.camera, found.pane, loaded);
        }
      },
      (error: unknown) => {
        const failed = { frame: null, document: null, loading: false, loadError: error };
        const pane = store.state.panes.get(camera);
        if (isHere()) store.set(failed);
        else if (store.state.frames[pane?.index ?? -1]?.id === frameId && pane) {
          store.setPane(camera, { ...pane, ...failed });
        }
      },
    );
  }
}
