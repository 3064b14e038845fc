/**
 * The editor without a screen: what the tools, the keys and the panels talk to.
 *
 * It owns the state (a zustand store), the undo histories, and the way into the autosave queue. It
 * knows nothing of React, so that tests drive it as a person would.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { FrameItem, Me, RecordingDetail } from '@/shared/api/types';
import { sameDocument } from '../document/skeleton';
import type { Document, Operation } from '../document/types';
import type { FrameCache, LoadedFrame } from '../frames/FrameCache';
import type { Mode } from '../frames/navigation';
import { DEFAULT_SETTINGS, MultiView } from '../multiview/MultiView';
import { orderFor } from '../multiview/panes';
import type { SyncQueue } from '../sync/queue';
import { snapshotOf } from '../sync/transport';
import { BoxTool } from '../tools/BoxTool';
import { HandTool } from '../tools/HandTool';
import { PlaceTool } from '../tools/PlaceTool';
import { SelectTool } from '../tools/SelectTool';
import type { GuideCommand, Pointer, Tool, ToolContext } from '../tools/tool';
import { BoxEdits } from './BoxEdits';
import { Edits } from './Edits';
import {
  type Camera,
  type ImagePoint,
  insideImage,
  pan,
  type Rectangle,
  type ScreenPoint,
} from './geometry';
import { type BoxHandle, type Hit, hitBox, hitJoint, hitPerson, NOTHING } from './hit';
import {
  DEFAULT_VIEW,
  type DialogId,
  type EditorState,
  EMPTY_PANE,
  type Gesture,
  type ToolId,
  type ViewSettings,
} from './state';
import { cameraFor } from './views';
import { Walk } from './Walk';

export interface EditorOptions {
  readonly me: Me;
  readonly recording: RecordingDetail;
  readonly frames: readonly FrameItem[];
  readonly index: number;
  readonly queue: SyncQueue;
  readonly cache: FrameCache;
  readonly onPosition?: (position: number) => void;
  readonly views?: Partial<ViewSettings>;
  readonly onViews?: (settings: ViewSettings) => void;
}

export class Editor implements ToolContext {
  readonly store: StoreApi<EditorState>;
  readonly queue: SyncQueue;
  readonly cache: FrameCache;
  readonly edits: Edits;
  readonly boxes: BoxEdits;
  readonly walk: Walk;
  readonly views: MultiView;
  private readonly tools: Readonly<Record<ToolId, Tool>>;
  private readonly unsubscribe: () => void;

  constructor(options: EditorOptions) {
    const { me, recording, frames, index, queue, cache, onPosition, onViews } = options;
    this.queue = queue;
    this.cache = cache;
    const mode = modeOf(recording);
    const views = { ...DEFAULT_SETTINGS, ...options.views };
    this.store = createStore<EditorState>(() => ({
      ...EMPTY_PANE,
      me,
      recording,
      mode,
      frames,
      filter: 'all',
      order: orderFor({ frames, recording, mode, views }, 'all'),
      index,
      loading: true,
      views,
      panes: new Map(),
      large: null,
      calibration: null,
      tool: homeTool(mode),
      gesture: null,
      selected: null,
      hover: NOTHING,
      pointer: null,
      cursor: 'default',
      view: DEFAULT_VIEW,
      dialog: null,
      composing: null,
      pose: null,
      save: queue.status(),
      notice: null,
    }));
    this.tools = {
      select: new SelectTool(this),
      place: new PlaceTool(this),
      hand: new HandTool(this),
      box: new BoxTool(this),
    };
    this.edits = new Edits(this);
    this.boxes = new BoxEdits(this);
    this.walk = new Walk(this, onPosition ?? (() => undefined));
    this.views = new MultiView(this, onViews ?? (() => undefined));
    this.unsubscribe = queue.subscribe({
      onStatus: () => this.set({ save: queue.status() }),
      onSaved: (frameId, snapshot) => {
        const { document: d, version } = snapshot;
        this.walk.patchFrame(frameId, (doc) => ({
          ...doc,
          annotation: {
            ...doc.annotation,
            version,
            candidate_id: d.candidateId,
            joints: d.skeleton?.map((j) => ({ ...j })) ?? null,
            verdict: d.decision.verdict,
            reason: d.decision.reason,
            reason_text: d.decision.text,
          },
        }));
        if (frameId === this.frameId && this.state.document === null) {
          this.set({ document: queue.documentOf(frameId) });
        }
        this.views.patch(frameId, ({ document }) => ({
          document: document ?? queue.documentOf(frameId),
        }));
      },
      onRebased: (frameId, document) => this.rebased(frameId, document),
    });
  }

  get state(): EditorState {
    return this.store.getState();
  }

  set(change: Partial<EditorState>): void {
    this.store.setState(change);
  }

  close(): void {
    this.finishGesture();
    this.unsubscribe();
  }

  // What tools ask.

  get document(): Document | null {
    return this.state.document;
  }

  get selected(): number | null {
    return this.state.selected;
  }

  get frameId(): number | null {
    return this.state.frame?.doc.id ?? null;
  }

  /** Whether joints and verdict of the frame on the canvas may be changed now. */
  get canEdit(): boolean {
    const { mode, document } = this.state;
    if (mode !== 'annotate' || document === null || !this.settled) return false;
    if (this.frameId === null) return false;
    return this.queue.conflictOf(this.frameId) === null;
  }

  /** Whether the canvas shows the frame that the header names, and not still the one before. */
  get settled(): boolean {
    return !this.state.loading && this.frameId !== null && this.frameId === this.item?.id;
  }

  get box(): Rectangle | null {
    return this.boxes.rectangle;
  }

  get mayDrawBox(): boolean {
    return this.boxes.canDraw;
  }

  get item(): FrameItem | null {
    return this.state.frames[this.state.index] ?? null;
  }

  hit(at: ScreenPoint): Hit {
    const { document, camera, frame, view } = this.state;
    if (!view.overlay) return NOTHING;
    const joint = hitJoint(document?.skeleton ?? null, camera, at);
    if (joint !== null) return { kind: 'joint', joint };
    if (frame === null || !view.others) return NOTHING;
    const people = [...frame.candidates]
      .filter(([id]) => id !== document?.candidateId)
      .map(([id, skeleton]) => ({ id, skeleton }));
    const candidateId = hitPerson(people, camera, at);
    return candidateId === null ? NOTHING : { kind: 'person', candidateId };
  }

  hitBox(at: ScreenPoint): BoxHandle | null {
    const { box } = this;
    return box === null || !this.boxes.canEdit ? null : hitBox(box, this.state.camera, at);
  }

  clamp(point: { x: number; y: number }): ImagePoint {
    const { frame } = this.state;
    return insideImage(point, frame?.doc ?? { width: 0, height: 0 });
  }

  // Changing the document.

  perform(operations: readonly Operation[], label: string): boolean {
    return this.edits.perform(operations, label);
  }

  mark(label: string): void {
    this.edits.mark(label);
  }

  bail(): void {
    this.edits.bail();
  }

  squash(): void {
    this.edits.squash();
  }

  undo(): void {
    this.edits.undo();
  }

  // Tools.

  get tool(): Tool {
    return this.tools[this.state.tool];
  }

  setTool(tool: ToolId): void {
    this.tool.exit();
    this.set({ tool, gesture: null });
    this.tool.enter();
  }

  /** The tool that this mode rests in. */
  homeTool(): void {
    this.setTool(homeTool(this.state.mode));
  }

  guide(command: GuideCommand): void {
    const { pointer } = this.state;
    this.tool.command?.(command, pointer === null ? null : this.pointerAt(pointer));
  }

  pointerAt(screen: ScreenPoint): Pointer {
    const { camera } = this.state;
    const image = {
      x: (screen.x - camera.x) / camera.zoom,
      y: (screen.y - camera.y) / camera.zoom,
    } as ImagePoint;
    return { screen, image, button: 0, shift: false, ctrl: false };
  }

  show(gesture: Gesture | null): void {
    this.set({ gesture });
  }

  setCursor(cursor: string): void {
    if (this.state.cursor !== cursor) this.set({ cursor });
  }

  select(joint: number | null): void {
    if (this.state.selected !== joint) this.set({ selected: joint });
  }

  panBy(dx: number, dy: number): void {
    this.set({ camera: pan(this.state.camera, dx, dy) });
  }

  setCamera(camera: Camera): void {
    this.set({ camera });
  }

  saveBox(box: Rectangle): void {
    this.boxes.save(box);
  }

  open(dialog: DialogId | null): void {
    this.finishGesture();
    this.set({ dialog });
  }

  notify(text: string, tone: 'info' | 'warn' = 'info'): void {
    this.set({ notice: { text, tone, at: Date.now() } });
  }

  // Moving between frames.

  /** Show another frame; `since` is when the person asked for it (performance.now()). */
  go(index: number, since = performance.now()): void {
    this.finishGesture();
    this.queue.flush();
    const item = this.state.frames[index];
    if (item !== undefined) this.views.prepare(item.camera_id);
    this.walk.go(index, since);
    this.views.follow();
  }

  /** The recording as the server sees it now: its stage may have moved. */
  setRecording(recording: RecordingDetail): void {
    const mode = modeOf(recording);
    if (mode === this.state.mode) {
      this.set({ recording });
      return;
    }
    this.finishGesture();
    this.set({ recording, mode });
    this.walk.setFilter('all');
    this.views.follow();
    this.homeTool();
  }

  /** Put a loaded frame on the canvas. */
  present(index: number, frame: LoadedFrame): void {
    const { frame: before, camera, viewport, view, mode } = this.state;
    const { doc, candidates } = frame;
    const document = this.queue.load(doc.id, snapshotOf(doc.annotation), candidates);
    const skeleton = document?.skeleton ?? null;
    const last = before?.doc ?? null;
    this.set({
      index,
      frame,
      document,
      loading: false,
      loadError: null,
      selected: null,
      composing: null,
      hover: NOTHING,
      tool: homeTool(mode),
      gesture: null,
      cursor: 'default',
      camera: cameraFor(doc, skeleton, last, { camera, viewport, follow: view.follow }),
      ...this.edits.labelsOf(doc.id),
    });
    if (this.queue.conflictOf(doc.id) !== null) this.set({ dialog: 'conflict' });
  }

  private rebased(frameId: number, document: Document): void {
    const conflict = this.queue.conflictOf(frameId) !== null;
    this.edits.patchState(frameId, document);
    this.views.patch(frameId, () => ({ document }));
    if (frameId !== this.frameId) return;
    this.finishGesture();
    if (conflict) this.set({ dialog: 'conflict' });
    else if (this.state.document !== null && !sameDocument(document, this.state.document)) {
      this.notify('Merged with changes that somebody else made to this frame.');
    }
    this.set({ document });
  }

  finishGesture(): void {
    const { state } = this.tool;
    if (state !== 'idle' && state !== 'placing') this.tool.cancel();
  }
}

/** Annotators change joints, inspectors review; everybody else looks. */
function modeOf({ can, stage }: RecordingDetail): Mode {
  if (can.edit) return 'annotate';
  if (can.review_boxes) return 'boxes';
  if (can.review && stage === 'inspecting') return 'inspect';
  return 'read';
}

const homeTool = (mode: Mode): ToolId => (mode === 'boxes' ? 'box' : 'select');
