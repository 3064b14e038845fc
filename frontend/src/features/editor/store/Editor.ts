/**
 * The editor without a screen: what keys, panels and dialogs talk to.
 *
 * It puts the helpers together and steers what concerns several of them; each helper is given what
 * it needs, and none is given the editor. It knows nothing of React, so that tests drive it as a
 * person would.
 */
import type { DiscardProposal, FrameItem, Me, RecordingDetail } from '@/shared/api/types';
import { showKey } from '../actions/keys';
import type { Snapshot } from '../document/received';
import { sameDocument } from '../document/skeleton';
import type { Document, Operation, Skeleton } from '../document/types';
import { type Beside, type Concerns, concernsIn, seenIn } from '../frames/concerns';
import type { FrameCache } from '../frames/FrameCache';
import { type GhostSources, ghostsInFrame } from '../layers/ghosts';
import { DEFAULT_SETTINGS, MultiView } from '../multiview/MultiView';
import { OtherPanes } from '../multiview/OtherPanes';
import type { Personal } from '../personal/Personal';
import { lookOf, sameLook } from '../personal/settings';
import { Playback } from '../playback/Playback';
import { Postures, type PosturesNeeds } from '../postures/Postures';
import { Ranges } from '../ranges/Ranges';
import { Looking } from '../suspicion/looking';
import { SuspicionQueue } from '../suspicion/SuspicionQueue';
import type { WaiverQueue } from '../suspicion/waivers';
import type { CommentQueue } from '../sync/comments';
import type { SyncQueue } from '../sync/queue';
import type { RangeQueue } from '../sync/ranges';
import { Toolbox } from '../tools/Toolbox';
import { Estimates } from '../travel/estimates';
import { Travel, type TravelSource } from '../travel/Travel';
import { BoxEdits } from './BoxEdits';
import { EditorStore } from './EditorStore';
import { Edits } from './Edits';
import { KnownFrames } from './KnownFrames';
import { modeOf } from './mode';
import { Presenter } from './Presenter';
import { newPaces } from './pace';
import { Reviews } from './Reviews';
import { followRefusals } from './refusals';
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
  readonly personal: Personal;
  /** What is inferred from corrections; without it nothing travels. */
  readonly travel?: TravelSource;
  readonly ranges: RangeQueue;
  readonly readProposals?: (recordingId: number) => Promise<DiscardProposal[]>;
  readonly postures: Omit<PosturesNeeds, 'store'>;
  /** Keeps what people say of doubted joints; without it nothing can be waved through. */
  readonly waivers?: WaiverQueue;
  /** Single frames, each answered without what lies around it. */
  readonly alone?: boolean;
  /** What was said on the page Inspect. */
  readonly words?: { drained(recordingId: number): Promise<void> };
  readonly onPosition?: (position: number) => void;
  readonly views?: Partial<ViewSettings>;
  readonly onViews?: (settings: ViewSettings) => void;
}

const nobody = (): void => undefined;

export class Editor {
  readonly store: EditorStore;
  readonly queue: SyncQueue;
  readonly comments: CommentQueue;
  readonly personal: Personal;
  readonly cache: FrameCache;
  readonly frames: KnownFrames;
  readonly edits: Edits;
  readonly boxes: BoxEdits;
  readonly reviews: Reviews;
  readonly ranges: Ranges;
  readonly playback: Playback;
  readonly postures: Postures;
  readonly tools: Toolbox;
  readonly panes: OtherPanes;
  readonly walk: Walk;
  readonly views: MultiView;
  readonly travel: Travel;
  readonly suspicions: SuspicionQueue;
  readonly looking: Looking;
  readonly paces = newPaces();
  /** Its frames are answered without what lies around them. */
  readonly alone: boolean;
  private readonly unsubscribe: () => void;

  constructor(options: EditorOptions) {
    const { me, recording, frames, index, queue, cache, comments, personal } = options;
    const look = personal.look ?? {};
    const views = { ...DEFAULT_SETTINGS, ...options.views };
    const store = new EditorStore({
      me,
      recording,
      frames,
      index,
      views,
      look,
      save: queue.status(),
    });
    const known = new KnownFrames(store, cache, (id) => queue.documentOf(id));
    const go = (to: number, since?: number): void => this.go(to, since);
    const estimates = new Estimates();
    const looking = new Looking();
    const edits = new Edits({ store, queue, cache, frames: known, estimates, looking, go });
    const boxes = new BoxEdits({ store, queue, cache, frames: known, edits });
    const tools = new Toolbox(store, edits, boxes);
    const presenter = new Presenter(store, queue, edits);
    const panes = new OtherPanes(store, cache, presenter);
    const onPosition = options.onPosition ?? nobody;
    const walk = new Walk({ store, cache, presenter, panes, onPosition });
    const onSettings = options.onViews ?? nobody;

    this.alone = options.alone ?? false;
    this.looking = looking;
    this.store = store;
    this.queue = queue;
    this.comments = comments;
    this.personal = personal;
    this.cache = cache;
    this.frames = known;
    this.edits = edits;
    this.boxes = boxes;
    this.postures = new Postures({ store, ...options.postures });
    const { words } = options;
    const letters = [comments, options.ranges, options.postures.queue, ...(words ? [words] : [])];
    this.reviews = new Reviews({ store, queue, cache, frames: known, edits, comments, letters });
    this.ranges = new Ranges({
      store,
      queue,
      cache,
      frames: known,
      edits,
      letters: options.ranges,
      go,
      reread: (frames) => this.reread(frames),
      readProposals: options.readProposals ?? (async () => []),
    });
    this.playback = new Playback({ store, cache, go });
    this.tools = tools;
    this.panes = panes;
    this.walk = walk;
    this.views = new MultiView({ store, queue, edits, tools, walk, panes, onSettings });
    const stopLooks = this.rememberLooks();
    this.travel = new Travel({
      store,
      edits,
      estimates,
      source: options.travel ?? null,
      go,
      select: (joint) => tools.select(joint),
    });
    this.suspicions = new SuspicionQueue({
      store,
      waivers: options.waivers ?? null,
      go,
      select: (joint) => tools.select(joint),
      worries: () => this.concerns.worries,
    });
    const stopQueue = queue.subscribe({
      onStatus: () => {
        store.set({ save: queue.status() });
        followRefusals({ store, queue, edits });
      },
      onSaved: (frameId, snapshot) => {
        this.saved(frameId, snapshot);
        this.travel.saved(frameId);
      },
      onRebased: (frameId, document) => this.rebased(frameId, document),
      onAdopted: (batches) => this.adopted(new Set(batches.map(({ frameId }) => frameId))),
    });
    this.unsubscribe = () => {
      stopLooks();
      stopQueue();
    };
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
    this.travel.follow();
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

  /** The key that a person presses for an action, as it is shown; null where there is none. */
  keyOf(action: string): string | null {
    const key = this.personal.keymap.keysOf(action)[0];
    return key === undefined ? null : showKey(key);
  }

  /** What this tab knows of a frame besides, with what is not saved yet. */
  beside(frameId: number): Beside | null {
    const picture = this.cache.document(frameId);
    const pending = this.queue.documentOf(frameId)?.skeleton;
    const skeleton: Skeleton | null = pending ?? picture?.annotation.joints ?? null;
    return skeleton === null ? null : { skeleton, picture };
  }

  /** What deserves a second look on the canvas just now. */
  get concerns(): Concerns {
    const { state } = this;
    return concernsIn(seenIn(state, this.views.consensus()), state, (id) => this.beside(id));
  }

  /** The skeletons that can be drawn behind the one on the canvas. */
  ghostSources(state: EditorState = this.state): GhostSources {
    return { ...ghostsInFrame(state), before: this.frames.skeletonBefore(state) };
  }

  close(): void {
    this.travel.close();
    this.tools.finish();
    this.playback.close();
    this.unsubscribe();
  }

  /** How somebody looks at images stays theirs, in every tab. */
  private rememberLooks(): () => void {
    const { store, personal } = this;
    const stopHere = store.api.subscribe(({ view }, last) => {
      const look = lookOf(view);
      if (!sameLook(look, lookOf(last.view))) personal.setLook(look);
    });
    const stopThere = personal.api.subscribe(({ look }, last) => {
      const { view } = store.state;
      if (look === null || look === last.look || sameLook(look, lookOf(view))) return;
      store.set({ view: { ...view, ...look } });
    });
    return () => {
      stopHere();
      stopThere();
    };
  }

  /** Frames changed on the server: those on the screen are read again, others when they are shown. */
  reread(frames: ReadonlySet<number>): void {
    for (const id of frames) this.cache.invalidate(id);
    const { frameId } = this.store;
    if (frameId !== null && frames.has(frameId)) this.walk.reload();
    for (const id of this.panes.frames) if (frames.has(id)) this.panes.reload(id);
  }

  private saved(frameId: number, { document: d, version, box, propagated }: Snapshot): void {
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
        propagated: propagated ?? null,
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
    const item = this.state.frames.find(({ id }) => id === frameId);
    if (item !== undefined && item.version !== version) {
      // Whoever writes to one frame has looked at it.
      this.frames.patchItem(frameId, { version, in_playback: false });
    }
  }

  /** Changes that another visit left behind belong to what is shown, also where it was shown before. */
  private adopted(frames: ReadonlySet<number>): void {
    const { store, queue, edits } = this;
    for (const id of frames) {
      const document = queue.documentOf(id);
      if (document === null) continue;
      edits.patchState(id, document);
      store.patchPane(id, () => ({ document, inferred: null }));
      if (id === store.frameId) {
        this.tools.finish();
        store.set({ document, inferred: null });
      }
    }
  }

  private rebased(frameId: number, document: Document): void {
    const { store } = this;
    const conflict = this.queue.conflictOf(frameId) !== null;
    this.edits.patchState(frameId, document);
    store.patchPane(frameId, () => ({ document, inferred: null }));
    if (frameId !== store.frameId) return;
    this.tools.finish();
    if (conflict) store.set({ dialog: 'conflict' });
    else if (store.state.document !== null && !sameDocument(document, store.state.document)) {
      const mine = this.queue.authorOf(frameId) === store.state.me.id;
      store.notify(
        mine
          ? 'Merged with what you changed in this frame elsewhere, in another tab or on another computer.'
          : 'Merged with changes that somebody else made to this frame.',
      );
    }
    store.set({ document, inferred: null });
  }
}
