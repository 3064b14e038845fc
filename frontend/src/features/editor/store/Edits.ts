/** Changing the document: performing operations, undoing them, and handing them to autosave. */
import type { Annotation } from '@/shared/api/types';
import { apply } from '../document/apply';
import { whyLocked } from '../document/locks';
import type { Snapshot } from '../document/received';
import { isKept, sameBox } from '../document/skeleton';
import {
  type Candidates,
  type Document,
  InvalidOperation,
  type Operation,
  type Pair,
  type Skeleton,
} from '../document/types';
import type { FrameCache } from '../frames/FrameCache';
import { Histories } from '../history/Histories';
import * as historyOf from '../history/history';
import type { Looking } from '../suspicion/looking';
import type { SyncQueue } from '../sync/queue';
import {
  buildsOnJoints,
  type Estimate,
  type Estimates,
  fits,
  takeEstimate,
  takenIn,
} from '../travel/estimates';
import { cellOf } from './cellOf';
import type { EditorStore, ShownFrame } from './EditorStore';
import type { KnownFrames } from './KnownFrames';
import { permits, whyNotOurs } from './permits';

export interface EditsNeeds {
  readonly store: EditorStore;
  readonly queue: SyncQueue;
  readonly cache: FrameCache;
  readonly frames: KnownFrames;
  readonly estimates: Estimates;
  readonly looking: Looking;
  /** Show another frame: undo leads back to the one whose decision led here. */
  readonly go: (index: number) => void;
}

/** A document with the estimate whose joints it shows. */
type Dressed = Pick<ShownFrame, 'document' | 'inferred'>;
type Shown = Omit<Dressed, 'document'> & { readonly document: Document | null };

export class Edits {
  private readonly histories = new Histories();
  /** Decisions that led straight to another frame, so that undo leads back the same way. */
  private decided: { from: number; to: number }[] = [];

  /** How many edits of single frames there were: acts on ranges stand between them. */
  count = 0;
  private readonly last = new Map<number, number>();

  constructor(private readonly needs: EditsNeeds) {}

  /** Whether joints and verdict of the frame on the canvas may be changed now. */
  get canEdit(): boolean {
    const { store, queue } = this.needs;
    const { mode, document } = store.state;
    if (mode !== 'annotate' || document === null || !store.settled) return false;
    return store.frameId !== null && queue.conflictOf(store.frameId) === null;
  }

  /** Whether these operations may be performed now on the frame on the canvas. */
  may(operations: readonly Operation[]): boolean {
    const { frameId } = this.needs.store;
    return frameId !== null && this.target(frameId, operations) !== null;
  }

  /** Perform and note in the history; false if it does not fit, and the person is told why. */
  perform(operations: readonly Operation[], label: string): boolean {
    const { frameId } = this.needs.store;
    if (frameId === null) return false;
    this.histories.forgetTogether();
    return this.performIn(frameId, operations, label);
  }

  /**
   * Change several frames of the moment as one step: undone and done again as one, whichever
   * pane is worked in. Frames that cannot be changed now are left out; false if all are.
   */
  performTogether(
    changes: readonly { frameId: number; operations: readonly Operation[] }[],
    label: string,
  ): boolean {
    const frames = this.histories.inOneStep((group) =>
      changes
        .filter(({ frameId, operations }) => this.performIn(frameId, operations, label, group))
        .map(({ frameId }) => frameId),
    );
    return frames.length > 0;
  }

  mark(label: string): void {
    this.setHistory(this.needs.store.frameId, historyOf.mark(this.history, label));
  }

  bail(): void {
    const { frameId } = this.needs.store;
    const { history, operations } = historyOf.bail(this.history);
    if (frameId !== null) this.commit(frameId, this.replayed(frameId, operations), history);
  }

  squash(): void {
    const { frameId } = this.needs.store;
    const { history, operations } = historyOf.squash(this.history);
    this.setHistory(frameId, history);
    if (history.open.length === 0 && frameId !== null) this.save(frameId, operations);
  }

  /** The number of the last edit of a frame; 0 before the first. */
  lastOf(frameId: number): number {
    return this.last.get(frameId) ?? 0;
  }

  /** Take the last step back; on a fresh frame that is the decision that led here. */
  undo(): void {
    const { store, go } = this.needs;
    const { frameId } = store;
    const framesOf = this.framesOfStep('done');
    this.histories.forgetTogether();
    if (framesOf.length > 0) {
      for (const id of framesOf) {
        const result = historyOf.undo(this.histories.of(id));
        if (result !== null) this.travel(id, result, 'Undone');
      }
      return;
    }
    const last = this.decided.at(-1);
    if (last === undefined || last.to !== frameId) return;
    this.decided.pop();
    const index = store.state.frames.findIndex((item) => item.id === last.from);
    if (index < 0) return;
    go(index);
    if (store.frameId === last.from) this.undo();
  }

  redo(): void {
    const framesOf = this.framesOfStep('undone');
    for (const id of framesOf) {
      const result = historyOf.redo(this.histories.of(id));
      if (result !== null) this.travel(id, result, 'Done again');
    }
  }

  /** Join this step with the one before, where both are one thing to the person. */
  joinSteps(): void {
    this.setHistory(this.needs.store.frameId, historyOf.squashLastTwo(this.history));
  }

  get lastStep(): string | null {
    return this.history.done.at(-1)?.label ?? null;
  }

  /**
   * Where a joint of the frame on the canvas was before it was said to be absent: by this visit's
   * history, or else by the model. Null where nobody ever placed it.
   */
  lastPlaceOf(joint: number): { x: number; y: number } | null {
    const known = historyOf.lastPlaceOf(this.history, joint);
    if (known !== null) return known;
    const { frame, document } = this.needs.store.state;
    const model = frame?.candidates.get(document?.candidateId ?? -1)?.[joint];
    return model !== undefined && model.v !== 0 ? { x: model.x, y: model.y } : null;
  }

  /** Note that a decision on this frame led to another. */
  rememberDecision(to: number): void {
    const { frameId } = this.needs.store;
    if (frameId !== null) this.decided = [...this.decided.slice(-50), { from: frameId, to }];
  }

  /** The joints of a frame that nobody placed: they are being taken, or were. */
  private inferredOf(frameId: number, annotation: Annotation): Skeleton | null {
    return this.estimateOf(frameId)?.skeleton ?? takenIn(annotation);
  }

  /** What is inferred of a frame, shown or not. */
  estimateOf(frameId: number): Estimate | null {
    return this.needs.estimates.get(frameId);
  }

  /** A document as it is shown: with inferred joints where nobody touched its own. */
  dress(frameId: number, document: Document, candidates: Candidates | undefined): Dressed;
  dress(frameId: number, document: Document | null, candidates: Candidates | undefined): Shown;
  dress(frameId: number, document: Document | null, candidates: Candidates | undefined): Shown {
    const { estimates, queue } = this.needs;
    const estimate = estimates.get(frameId);
    const { done, open } = this.histories.of(frameId);
    const touched = done.length > 0 || open.length > 0 || queue.conflictOf(frameId) !== null;
    if (document === null || estimate === null || candidates === undefined || touched) {
      return { document, inferred: null };
    }
    if (!fits(estimate, document, candidates)) return { document, inferred: null };
    return { document: { ...document, skeleton: estimate.skeleton }, inferred: estimate };
  }

  /** Something new was inferred of a frame that is shown. */
  dressAgain(frameId: number): void {
    const { store, estimates } = this.needs;
    const shown = store.shown(frameId);
    if (shown === null || shown.inferred === estimates.get(frameId)) return;
    if (this.histories.of(frameId).open.length > 0) return;
    const own =
      shown.inferred === null ? shown.document : this.ownDocument(frameId, shown.document);
    const dressed = this.dress(frameId, own, shown.frame.candidates);
    if (dressed.inferred === null && shown.inferred === null) return;
    if (frameId === store.frameId) store.set(dressed);
    else store.patchPane(frameId, () => dressed);
  }

  /** What can be undone and done again in a frame, in words. */
  labelsOf(frameId: number): ReturnType<Histories['labelsOf']> {
    return this.histories.labelsOf(frameId);
  }

  /** Tell the filmstrip what a frame's document comes to. */
  patchState(frameId: number, document: Document): void {
    const { store, cache, frames, queue } = this.needs;
    const { frame } = store.state;
    const shown =
      frame?.doc.id === frameId ? frame : (store.shown(frameId)?.frame ?? cache.peek(frameId));
    // What the server refused is not decided: the strip tells how the frame really stands.
    const saved = queue.refusedOf(frameId) === null ? null : queue.savedOf(frameId);
    if (shown === null) return;
    const inferred = this.inferredOf(frameId, shown.doc.annotation);
    const cell = cellOf(saved ?? document, shown, inferred, store.state.mode);
    frames.patchItem(frameId, saved === null ? cell : { ...cell, returned: shown.doc.returned });
  }

  /** Show a frame as the server has it now, where nothing of it waits here. */
  adopt(frameId: number, snapshot: Snapshot, candidates: Candidates): void {
    const { store, queue } = this.needs;
    const document = queue.load(frameId, snapshot, candidates);
    if (document === null || this.histories.of(frameId).open.length > 0) return;
    if (store.shown(frameId) !== null) this.commit(frameId, document, this.histories.of(frameId));
    this.patchState(frameId, document);
  }

  /** What the server made of the box: clipped, judged anew, or drawn meanwhile by somebody else. */
  adoptBox(frameId: number, saved: Document): void {
    const { store, queue } = this.needs;
    const shown = store.shown(frameId)?.document;
    const busy = queue.pendingOf(frameId) > 0 || this.histories.of(frameId).open.length > 0;
    if (shown === undefined || busy || !isKept(saved) || !isKept(shown)) return;
    if (!sameBox(shown.box, saved.box)) {
      this.commit(frameId, { ...shown, box: saved.box }, this.histories.of(frameId));
    }
    this.patchState(frameId, store.shown(frameId)?.document ?? shown);
  }

  private performIn(
    frameId: number,
    operations: readonly Operation[],
    label: string,
    group?: number,
  ): boolean {
    const target = this.target(frameId, operations);
    if (target === null) return false;
    const pairs: Pair[] = [];
    const { inferred } = target;
    // Whoever works on inferred joints takes them: that is part of the same step.
    const all =
      inferred !== null && operations.some(buildsOnJoints)
        ? [takeEstimate(inferred), ...operations]
        : operations;
    let next = inferred === null ? target.document : this.ownDocument(frameId, target.document);
    try {
      for (const operation of all) {
        const applied = apply(next, operation, target.frame.candidates);
        pairs.push({ operation, inverse: applied.inverse });
        next = applied.document;
      }
    } catch (error) {
      if (!(error instanceof InvalidOperation)) throw error;
      this.needs.store.notify(error.message, 'warn');
      return false;
    }
    const locked =
      whyLocked(target.frame.doc, operations) ??
      whyNotOurs(this.needs.store.state, frameId, operations);
    if (locked !== null) {
      this.needs.store.notify(locked, 'warn');
      return false;
    }
    const history = historyOf.record(this.histories.of(frameId), pairs, label, group);
    this.commit(frameId, next, history);
    if (history.open.length === 0) this.save(frameId, all);
    return true;
  }

  private framesOfStep(side: 'done' | 'undone'): readonly number[] {
    const { frameId } = this.needs.store;
    return this.histories.framesOfStep(side, frameId, (id) => this.maySteps(id, side));
  }

  /** Whether the last step of a frame may be undone, or done again. */
  private maySteps(frameId: number, side: 'done' | 'undone'): boolean {
    const pairs = this.histories.of(frameId)[side].at(-1)?.pairs ?? [];
    return (
      this.target(
        frameId,
        pairs.map((pair) => pair.operation),
      ) !== null
    );
  }

  /** A frame's document where it may be changed now in this way. */
  private target(frameId: number, operations: readonly Operation[]): ShownFrame | null {
    const { store, queue } = this.needs;
    if (queue.conflictOf(frameId) !== null || (frameId === store.frameId && !store.settled)) {
      return null;
    }
    return operations.every((operation) => permits(store.state, operation))
      ? store.shown(frameId)
      : null;
  }

  private save(frameId: number, operations: readonly Operation[]): void {
    const { store, queue, looking } = this.needs;
    const document = store.shown(frameId)?.document;
    if (document === undefined || operations.length === 0) return;
    this.last.set(frameId, ++this.count);
    queue.enqueue(store.state.recording.id, frameId, operations, looking.take(frameId));
    this.patchState(frameId, document);
  }

  private travel(
    frameId: number,
    { history, operations, label }: NonNullable<ReturnType<typeof historyOf.undo>>,
    word: string,
  ): void {
    if (this.target(frameId, operations) === null) return;
    try {
      this.commit(frameId, this.replayed(frameId, operations), history);
      this.save(frameId, operations);
      this.needs.store.notify(`${word}: ${label.toLowerCase()}`);
    } catch (error) {
      if (!(error instanceof InvalidOperation)) throw error;
      this.setHistory(frameId, historyOf.EMPTY_HISTORY);
      this.needs.store.notify(
        'This step no longer fits what somebody else changed; it was left out.',
        'warn',
      );
    }
  }

  private replayed(frameId: number, operations: readonly Operation[]): Document {
    const shown = this.needs.store.shown(frameId);
    if (shown === null) throw new InvalidOperation('There is no frame.');
    const { document, frame } = shown;
    return operations.reduce((d, o) => apply(d, o, frame.candidates).document, document);
  }

  private commit(frameId: number, document: Document, history: historyOf.History): void {
    const { store } = this.needs;
    this.setHistory(frameId, history);
    const dressed = this.dress(frameId, document, store.shown(frameId)?.frame.candidates);
    if (frameId === store.frameId) store.set(dressed);
    else store.patchPane(frameId, () => dressed);
  }

  /** The document as the server has it with what waits here, without inferred joints. */
  private ownDocument(frameId: number, otherwise: Document): Document {
    return this.needs.queue.documentOf(frameId) ?? otherwise;
  }

  private get history(): historyOf.History {
    return this.histories.of(this.needs.store.frameId ?? -1);
  }

  private setHistory(frameId: number | null, history: historyOf.History): void {
    if (frameId === null) return;
    this.histories.set(frameId, history);
    const { store } = this.needs;
    if (frameId === store.frameId) store.set(this.labelsOf(frameId));
  }
}
