/**
 * All cameras of a moment at once.
 *
 * The pane that is worked in is the editor's own state, so that tools, keys and side panels know
 * nothing of the others; activating another camera exchanges the two.
 */
import type { SessionCalibration } from '@/shared/api/types';
import type { EditorStore } from '../store/EditorStore';
import type { Edits } from '../store/Edits';
import {
  type EditorState,
  EMPTY_PANE,
  type Layout,
  type Pane,
  type ViewSettings,
} from '../store/state';
import type { Walk } from '../store/Walk';
import type { SyncQueue } from '../sync/queue';
import type { Toolbox } from '../tools/Toolbox';
import { type Accepted, acceptance, type Scope } from './accept';
import { type Consensus, ConsensusMaker } from './consensus';
import type { OtherPanes } from './OtherPanes';
import { activeCamera, activePane, camerasOf, canShowViews, paneOf, showsViews } from './panes';

export const DEFAULT_SETTINGS: ViewSettings = {
  layout: 'single',
  scene: true,
  strip: false,
  thresholdPx: 15,
};

export interface MultiViewNeeds {
  readonly store: EditorStore;
  readonly queue: SyncQueue;
  readonly edits: Edits;
  readonly tools: Toolbox;
  readonly walk: Walk;
  readonly panes: OtherPanes;
  readonly onSettings: (settings: ViewSettings) => void;
}

export class MultiView {
  private readonly maker = new ConsensusMaker();

  constructor(private readonly needs: MultiViewNeeds) {}

  /** Whether there are several cameras to show. */
  get possible(): boolean {
    return canShowViews(this.state);
  }

  /** Whether they are shown now. */
  get on(): boolean {
    return showsViews(this.state);
  }

  /** Ids of the recording's cameras in their order. */
  get cameras(): readonly number[] {
    return camerasOf(this.state);
  }

  nameOf(camera: number): string {
    const { recording } = this.state;
    return recording.cameras_list?.find(({ id }) => id === camera)?.name ?? `camera ${camera}`;
  }

  /** On which points the cameras of this moment agree; the same object while nothing changed. */
  consensus(state: EditorState = this.state): Consensus {
    return this.maker.of(state);
  }

  change(change: Partial<ViewSettings>): void {
    const { store, tools, walk, panes, onSettings } = this.needs;
    const before = this.on;
    const views = { ...store.state.views, ...change };
    store.set({ views });
    onSettings(views);
    if (before !== this.on) {
      tools.finish();
      walk.setFilter(store.state.filter);
    }
    panes.follow();
  }

  setLayout(layout: Layout): void {
    this.change({ layout });
  }

  setCalibration(calibration: SessionCalibration | null): void {
    this.needs.store.set({ calibration });
  }

  /** Work in another camera's pane; `enlarge` also gives it the large place. */
  activate(camera: number, enlarge = false): boolean {
    const { store, queue, tools, walk } = this.needs;
    if (enlarge && this.on) store.set({ large: camera });
    if (camera === activeCamera(store.state)) return true;
    const pane = store.state.panes.get(camera);
    if (!this.on || pane === undefined || pane.index < 0) {
      store.notify(`${this.nameOf(camera)} has no frame of this moment.`, 'warn');
      return false;
    }
    tools.finish();
    queue.flush();
    this.exchange(camera, pane);
    walk.announce();
    if (store.frameId !== null && queue.conflictOf(store.frameId) !== null) {
      store.set({ dialog: 'conflict' });
    }
    if (store.state.tool === 'place') tools.setTool('place');
    return true;
  }

  /** The next camera of the moment, round and round. */
  cycle(direction: 1 | -1): void {
    const { cameras } = this;
    const here = activeCamera(this.state);
    const at = here === null ? -1 : cameras.indexOf(here);
    for (let n = 1; n < cameras.length; n++) {
      const next = cameras[(at + n * direction + n * cameras.length) % cameras.length];
      const pane = next === undefined ? null : paneOf(this.state, next);
      if (next !== undefined && pane !== null && pane.index >= 0) {
        this.activate(next, true);
        return;
      }
    }
  }

  /** Before a frame of another camera is shown: its pane is the one that is worked in from now on. */
  prepare(camera: number): void {
    const { state } = this;
    if (!this.on || camera === activeCamera(state)) return;
    this.exchange(camera, state.panes.get(camera) ?? EMPTY_PANE);
  }

  /** Take places from the views that see a joint: a joint or the whole body, as one step to undo. */
  accept(scope: Scope): void {
    const { store, edits } = this.needs;
    const { selected } = store.state;
    const consensus = this.consensus();
    const here = activeCamera(store.state);
    const found: Accepted = acceptance(consensus, scope, { selected, here });
    if (found.changes.length === 0) {
      store.notify(found.words, found.tone);
      return;
    }
    if (!edits.performTogether(found.changes, found.label)) return;
    const where = found.changes.map(({ camera }) => this.nameOf(camera)).join(', ');
    store.notify(`${found.words}: ${where}.${found.left}`);
  }

  private get state(): EditorState {
    return this.needs.store.state;
  }

  private exchange(camera: number, pane: Pane): void {
    const { store, edits } = this.needs;
    const { state } = store;
    const before = activeCamera(state);
    const panes = new Map(state.panes);
    if (before !== null) panes.set(before, activePane(state));
    panes.delete(camera);
    const id = pane.frame?.doc.id;
    store.set({
      ...pane,
      ...(id === undefined ? {} : edits.labelsOf(id)),
      panes,
      gesture: null,
      composing: null,
      pointer: null,
      hover: { kind: 'nothing' },
      notice: null,
    });
  }
}
