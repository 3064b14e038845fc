/**
 * The editor without a screen: what keys, panels and dialogs talk to.
 *
 * It puts the helpers together and steers what concerns several of them; each helper is given what
 * it needs, and none is given the editor. It knows nothing of React, so that tests drive it as a
 * person would.
 */
import type { FrameItem, Me, RecordingDetail } from '@/shared/api/types';
import type { Snapshot } from '../document/received';
import { sameDocument } from '../document/skeleton';
import type { Document, Operation } from '../document/types';
import type { FrameCache } from '../frames/FrameCache';
import { DEFAULT_SETTINGS, MultiView } from '../multiview/MultiView';
import { OtherPanes } from '../multiview/OtherPanes';
import { Looking } from '../suspicion/looking';
import { SuspicionQueue } from '../suspicion/SuspicionQueue';
import type { WaiverQueue } from '../suspicion/waivers';
import type { CommentQueue } from '../sync/comments';
import type { SyncQueue } from '../sync/queue';
import { Toolbox } from '../tools/Toolbox';
import { BoxEdits } from './BoxEdits';
import { EditorStore } from './EditorStore';
import { Edits } from './Edits';
import { KnownFrames } from './KnownFrames';
import { modeOf } from './mode';
import { Presenter } from './Presenter';
import { Reviews } from './Reviews';
import type { DialogId, EditorState, ViewSettings } from './state';
import { Walk } from './Walk';

export interface EditorOptions {
  readonly me: Me;
  readonly recording: RecordingDetail;
  readonly frames: readonly FrameItem[];
  readonly index: number;
  readonly queue: SyncQueue;
  readonly cache: FrameCache;
  readonly comments: CommentQueue;
  /** Keeps what people say of doubted joints; without it nothing can be waved through. */
  readonly waivers?: WaiverQueue;
  readonly onPosition?: (position: number) => void;
  readonly views?: Partial<ViewSettings>;
  readonly onViews?: (settings: ViewSettings) => void;
}

const nobody = (): void => undefined;

export class Editor {
  readonly store: EditorStore;
  readonly queue: SyncQueue;
  readonly comments: CommentQueue;
  readonly cache: FrameCache;
  readonly frames: KnownFrames;
  readonly edits: Edits;
  readonly boxes: BoxEdits;
  readonly reviews: Reviews;
  readonly tools: Toolbox;
  readonly panes: OtherPanes;
  readonly walk: Walk;
  readonly views: MultiView;
  readonly suspicions: SuspicionQueue;
  readonly looking: Looking;
  private readonly unsubscribe: () => void;

  constructor(options: EditorOptions) {
    const { me, recording, frames, index, queue, cache, comments } = options;
    const views = { ...DEFAULT_SETTINGS, ...options.views };
    const store = new EditorStore({ me, recording, frames, index, views, save: queue.status() });
    const known = new KnownFrames(store, cache);
    const go = (to: number, since?: number): void => this.go(to, since);
    const looking = new Looking();
    const edits = new Edits({ store, queue, cache, frames: known, looking, go });
    const boxes = new BoxEdits({ store, queue, cache, frames: known, edits });
    const tools = new Toolbox(store, edits, boxes);
    const presenter = new Presenter(store, queue, edits);
    const panes = new OtherPanes(store, cache, presenter);
    const onPosition = options.onPosition ?? nobody;
    const walk = new Walk({ store, cache, presenter, panes, onPosition });
    const onSettings = options.onViews ?? nobody;

    this.looking = looking;
    this.store = store;
    this.queue = queue;
    this.comments = comments;
    this.cache = cache;
    this.frames = known;
    this.edits = edits;
    this.boxes = boxes;
    this.reviews = new Reviews({ store, queue, cache, frames: known, edits, comments });
    this.tools = tools;
    this.panes = panes;
    this.walk = walk;
    this.views = new MultiView({ store, queue, edits, tools, walk, panes, onSettings });
    this.suspicions = new SuspicionQueue({
      store,
      waivers: options.waivers ?? null,
      go,
      select: (joint) => tools.select(joint),
    });
    this.unsubscribe = queue.subscribe({
      onStatus: () => store.set({ save: queue.status() }),
      onSaved: (frameId, snapshot) => this.saved(frameId, snapshot),
      onRebased: (frameId, document) => this.rebased(frameId, document),
    });
  }

  get state(): EditorState {
    return this.store.state;
  }

  set(change: Partial<EditorState>): void {
    this.store.set(change);
  }

  get item(): FrameItem | null {
    return this.store.item;
  }

  get frameId(): number | null {
    return this.store.frameId;
  }

  get settled(): boolean {
    return this.store.settled;
  }

  get canEdit(): boolean {
    return this.edits.canEdit;
  }

  notify(text: string, tone: 'info' | 'warn' = 'info'): void {
    this.store.notify(text, tone);
  }

  perform(operations: readonly Operation[], label: string): boolean {
    return this.edits.perform(operations, label);
  }

  select(joint: number | null): void {
    this.tools.select(joint);
  }

  open(dialog: DialogId | null): void {
    this.tools.finish();
    this.set({ dialog });
  }

  /** Show another frame; `since` is when the person asked for it (performance.now()). */
  go(index: number, since = performance.now()): void {
    this.tools.finish();
    this.queue.flush();
    const item = this.state.frames[index];
    if (item !== undefined) this.views.prepare(item.camera_id);
    this.walk.go(index, since);
    this.panes.follow();
  }

  /** Begin the work of this mode: in box review with the most doubtful box. */
  start(): void {
    const { mode, order, index } = this.state;
    this.go(mode === 'boxes' ? (order[0] ?? index) : index);
  }

  /** The recording as the server sees it now: its stage may have moved. */
  setRecording(recording: RecordingDetail): void {
    const mode = modeOf(recording);
    if (mode === this.state.mode) {
      this.set({ recording });
      return;
    }
    this.tools.finish();
    this.set({ recording, mode });
    this.walk.setFilter('all');
    this.panes.follow();
    this.tools.rest();
  }

  close(): void {
    this.tools.finish();
    this.unsubscribe();
  }

  private saved(frameId: number, { document: d, version, box }: Snapshot): void {
    const { store, queue } = this;
    this.frames.patch(frameId, (doc) => ({
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
      box,
      mark: d.mark,
    }));
    if (frameId === store.frameId && store.state.document === null) {
      store.set({ document: queue.documentOf(frameId) });
    }
    store.patchPane(frameId, ({ document }) => ({
      document: document ?? queue.documentOf(frameId),
    }));
    this.edits.adoptBox(frameId, d);
  }

  private rebased(frameId: number, document: Document): void {
    const { store } = this;
    const conflict = this.queue.conflictOf(frameId) !== null;
    this.edits.patchState(frameId, document);
    store.patchPane(frameId, () => ({ document }));
    if (frameId !== store.frameId) return;
    this.tools.finish();
    if (conflict) store.set({ dialog: 'conflict' });
    else if (store.state.document !== null && !sameDocument(document, store.state.document)) {
      store.notify('Merged with changes that somebody else made to this frame.');
    }
    store.set({ document });
  }
}
