/**
 * Autosave: every operation is first kept on this computer, then sent, then forgotten.
 *
 * Per frame one batch is on its way at a time, with the version that it builds on. A stale write is
 * merged; an unreachable server is tried again with growing pauses; a refusal is kept and shown.
 * Nothing leaves the memory before the server has it or the person said so.
 */
import { MAX_OPERATIONS } from '@/shared/domain/rules.gen';
import { applyAll } from '../document/apply';
import type { Snapshot } from '../document/received';
import { sameDocument } from '../document/skeleton';
import {
  type Candidates,
  type Document,
  InvalidOperation,
  type Operation,
} from '../document/types';
import {
  type Batch,
  grown,
  type Memory,
  type SaveStatus,
  type SendResult,
  type Transport,
} from './batch';
import { Keeper } from './Keeper';
import { Leftovers, type OtherTabs } from './leftBehind';
import { merge, resolve, type Side } from './merge';
import { Patience } from './Patience';
import { PendingFrames } from './PendingFrames';
import {
  asSeenBy,
  buildsOn,
  isReady,
  NO_BASE,
  NOT_SAVED,
  type PendingFrame,
  statusOf,
} from './pendingFrame';
import { onTopOf } from './taken';

const PARALLEL_FRAMES = 4;
const DELAY_MS = 150;
const PAUSES = { firstMs: 500, mostMs: 20_000 };

export interface QueueOptions {
  readonly transport: Transport;
  readonly memory: Memory;
  readonly userId: number;
  readonly tab: string;
  /** Without them every other tab counts as closed. */
  readonly others?: OtherTabs;
  readonly newId?: () => string;
}

export interface QueueListener {
  onStatus?(): void;
  /** The server has everything up to this version. */
  onSaved?(frameId: number, snapshot: Snapshot): void;
  /** The frame's document changed under the person's hands, because of a merge. */
  onRebased?(frameId: number, document: Document): void;
  /** Changes that a closed tab left behind wait here now. */
  onAdopted?(batches: readonly Batch[]): void;
}

export class SyncQueue extends PendingFrames {
  private readonly listeners = new Set<QueueListener>();
  private readonly patience = new Patience(() => this.flush(), PAUSES);
  private readonly keeper: Keeper;
  private readonly leftovers: Leftovers;
  private readonly underWay = new Set<Promise<void>>();
  private sequence = 0;
  private unreachable = false;
  private signedOut = false;
  private closed = false;

  constructor(private readonly options: QueueOptions) {
    super();
    this.keeper = new Keeper(options.memory, () => this.changed());
    this.leftovers = new Leftovers(options, {
      isHere: (id) => this.pending().some(({ operationId }) => operationId === id),
      adopt: (batches) => this.adopt(batches),
    });
  }

  subscribe(listener: QueueListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Take up what closed tabs left behind, and send it. */
  restore(): Promise<number> {
    return this.leftovers.look();
  }

  /**
   * A frame was loaded. Returns the document to show: what the server holds plus what waits here;
   * null while changes wait that build on another version, until they are merged.
   */
  load(frameId: number, snapshot: Snapshot, candidates: Candidates): Document | null {
    const frame = this.frame(frameId);
    frame.candidates = candidates;
    const waiting = frame.batches[0];
    if (waiting === undefined) {
      if (frame.acknowledged === null || frame.acknowledged.version <= snapshot.version) {
        frame.acknowledged = snapshot;
      }
    } else if (frame.acknowledged === null && buildsOn(frame.batches, snapshot)) {
      frame.acknowledged = snapshot;
    }
    return this.documentOf(frameId);
  }

  /** Save operations that were already applied to what the person sees. */
  enqueue(
    recordingId: number,
    frameId: number,
    operations: readonly Operation[],
    secondsShown?: number,
  ): void {
    if (operations.length === 0) return;
    const frame = this.frame(frameId);
    const last = frame.batches.at(-1);
    const grows =
      last !== undefined &&
      !frame.attempted.has(last.operationId) &&
      operations.length <= MAX_OPERATIONS - last.operations.length;
    const batch = grown(
      grows ? last : this.newBatch(recordingId, frameId, frame.acknowledged, []),
      operations,
      secondsShown,
    );
    if (grows) frame.batches[frame.batches.length - 1] = batch;
    else frame.batches.push(batch);
    void this.keeper.replace([], [batch]);
    this.changed();
    this.patience.within(DELAY_MS);
  }

  /** Send now: on leaving a frame, hiding the page, or when the network is back. */
  flush(): void {
    if (this.closed) return;
    this.patience.clear();
    const open = [...this.frames].filter(([, frame]) => isReady(frame));
    const busy = [...this.frames.values()].filter((frame) => frame.sending).length;
    for (const [frameId, frame] of open.slice(0, Math.max(0, PARALLEL_FRAMES - busy))) {
      const sent = this.sendNext(frameId, frame).finally(() => this.underWay.delete(sent));
      this.underWay.add(sent);
    }
  }

  /** Try again at once, also what was refused. */
  retry(): void {
    this.patience.begin();
    this.signedOut = false;
    for (const frame of this.frames.values()) {
      if (frame.problem?.kind === 'refused') frame.problem = null;
    }
    this.changed();
    this.flush();
  }

  /** Answer a conflict; conflicts without an answer take the other side. */
  resolve(frameId: number, answers: ReadonlyMap<string, Side>): void {
    const frame = this.frames.get(frameId);
    if (frame?.problem?.kind !== 'conflict') return;
    const { merge: merged, theirs } = frame.problem;
    frame.problem = null;
    this.rebase(frameId, frame, theirs, resolve(merged, answers));
    this.flush();
  }

  /** Give up a frame's changes that the server refused; only ever by a person's word. */
  abandon(frameId: number): void {
    const frame = this.frames.get(frameId);
    if (frame === undefined || frame.sending) return;
    const ids = frame.batches.map((batch) => batch.operationId);
    frame.batches = [];
    frame.problem = null;
    void this.keeper.replace(ids, []);
    const document = this.documentOf(frameId);
    if (document !== null) this.tell((l) => l.onRebased?.(frameId, document));
    this.changed();
  }

  status(): SaveStatus {
    const { signedOut, unreachable } = this;
    return statusOf(this.frames, { signedOut, unreachable });
  }

  /**
   * Resolves when the server has everything; what stands in the way is thrown, in words. Before the
   * stage moves: afterwards it would not permit the changes any more.
   */
  async drained(): Promise<void> {
    this.flush();
    const kind = await this.until(() => {
      const now = this.status().kind;
      return now === 'saving' ? null : now;
    });
    if (kind !== 'saved') throw new Error(NOT_SAVED[kind]);
  }

  /**
   * Whether the server has all changes of these frames, once what is on its way arrived; false where
   * something stands in the way.
   */
  arrived(frameIds: readonly number[]): Promise<boolean> {
    this.flush();
    return this.until(() => {
      const all = frameIds.every((id) => this.pendingOf(id) === 0);
      const under =
        this.status().kind === 'saving' ||
        frameIds.some((id) => this.frames.get(id)?.sending === true);
      return all || !under || this.closed ? all : null;
    });
  }

  /** Why changes cannot be kept on this computer (private window, full disk), or null. */
  get fault(): string | null {
    return this.keeper.fault;
  }

  /** Resolves when everything said so far is in the memory. */
  settled(): Promise<void> {
    return this.keeper.settled();
  }

  /** Resolves when what was on its way has arrived, or did not. */
  async close(): Promise<void> {
    this.flush();
    this.closed = true;
    this.patience.stop();
    this.leftovers.stop();
    this.listeners.clear();
    await Promise.allSettled(this.underWay);
    await this.settled();
  }

  private async sendNext(frameId: number, frame: PendingFrame): Promise<void> {
    const batch = frame.batches[0];
    if (batch === undefined) return;
    frame.sending = true;
    frame.attempted.add(batch.operationId);
    let result: SendResult;
    try {
      await this.keeper.settled();
      result = await this.options.transport.send(batch);
      if (result.kind === 'stale' && frame.candidates === null) {
        frame.candidates = await this.options.transport.candidates(frameId);
      }
    } catch {
      result = { kind: 'unreachable' };
    }
    frame.sending = false;
    // What a closed queue could not save belongs to the next one, which may have taken it up.
    if (this.closed && result.kind !== 'saved') return;
    this.receive(frameId, frame, batch, result);
    this.changed();
    if (result.kind === 'unreachable') this.patience.longer();
    else if (result.kind === 'signed-out') this.patience.within(PAUSES.mostMs);
    else this.flush();
  }

  private receive(frameId: number, frame: PendingFrame, batch: Batch, result: SendResult): void {
    this.unreachable = result.kind === 'unreachable';
    this.signedOut = result.kind === 'signed-out';
    if (!this.unreachable) this.patience.begin();
    if (result.kind === 'saved') {
      const rest = frame.batches.filter((other) => other.operationId !== batch.operationId);
      frame.acknowledged = asSeenBy(rest, batch, frame.acknowledged, result.snapshot);
      const { version, boxVersion } = frame.acknowledged;
      const base = { baseVersion: version, baseBoxVersion: boxVersion };
      frame.batches = rest.map((other, i) => (i === 0 ? { ...other, ...base } : other));
      void this.keeper.replace([batch.operationId], frame.batches.slice(0, 1));
      this.tell((l) => l.onSaved?.(frameId, result.snapshot));
    } else if (result.kind === 'stale') {
      const { acknowledged } = frame;
      const known = acknowledged !== null && buildsOn([batch], acknowledged) ? acknowledged : null;
      const base = result.base ?? known;
      if (base !== null) this.mergeInto(frameId, frame, base, result.current);
      else frame.problem = { kind: 'refused', message: NO_BASE };
    } else if (result.kind === 'refused') {
      frame.problem = { kind: 'refused', message: result.message };
    }
  }

  private mergeInto(frameId: number, frame: PendingFrame, base: Snapshot, theirs: Snapshot): void {
    const operations = frame.batches.flatMap((batch) => batch.operations);
    try {
      const mine = applyAll(base.document, operations, frame.candidates ?? new Map());
      const merged = merge(base.document, mine, theirs.document);
      if (merged.conflicts.length === 0) {
        this.rebase(frameId, frame, theirs, merged.document);
        return;
      }
      frame.acknowledged = theirs;
      frame.problem = { kind: 'conflict', merge: merged, theirs };
      this.tell((l) => l.onRebased?.(frameId, merged.document));
    } catch (error) {
      if (!(error instanceof InvalidOperation)) throw error;
      frame.problem = { kind: 'refused', message: error.message };
    }
  }

  /** Put what waits on top of the server's state, under a new id. */
  private rebase(frameId: number, frame: PendingFrame, theirs: Snapshot, document: Document): void {
    const old = frame.batches;
    const mine = old.flatMap((batch) => batch.operations);
    const operations = onTopOf(theirs.document, document, mine, frame.candidates ?? new Map());
    const recordingId = old[0]?.recordingId ?? 0;
    frame.acknowledged = theirs;
    frame.batches = sameDocument(theirs.document, document)
      ? []
      : [this.newBatch(recordingId, frameId, theirs, operations)];
    void this.keeper.replace(
      old.map((batch) => batch.operationId),
      frame.batches,
    );
    if (frame.batches.length === 0) this.tell((l) => l.onSaved?.(frameId, theirs));
    this.tell((l) => l.onRebased?.(frameId, document));
    this.changed();
  }

  private newBatch(
    recordingId: number,
    frameId: number,
    base: Snapshot | null,
    operations: readonly Operation[],
  ): Batch {
    const { userId, tab, newId } = this.options;
    return {
      operationId: newId === undefined ? crypto.randomUUID() : newId(),
      recordingId,
      frameId,
      userId,
      tab,
      sequence: this.sequence++,
      baseVersion: base?.version ?? 0,
      baseBoxVersion: base?.boxVersion ?? null,
      operations,
      createdAt: Date.now(),
    };
  }

  /** What `look` gives, as soon as it gives something. */
  private until<T>(look: () => T | null): Promise<T> {
    return new Promise((resolve) => {
      const again = (): boolean => {
        const found = look();
        if (found !== null) resolve(found);
        return found !== null;
      };
      if (again()) return;
      const stop = this.subscribe({ onStatus: () => again() && stop() });
    });
  }

  private async adopt(batches: readonly Batch[]): Promise<void> {
    const { tab } = this.options;
    const adopted = batches.map((batch) => ({ ...batch, tab, sequence: this.sequence++ }));
    for (const batch of adopted) {
      const { batches, attempted, sending } = this.frame(batch.frameId);
      // They are older than what waits here, but for what is on its way already.
      const others = batches.findIndex((b, i) => !(sending && i === 0) && !adopted.includes(b));
      batches.splice(others < 0 ? batches.length : others, 0, batch);
      attempted.add(batch.operationId);
    }
    await this.keeper.replace([], adopted);
    this.tell((l) => l.onAdopted?.(adopted));
    this.changed();
    this.flush();
  }

  private changed(): void {
    this.tell((listener) => listener.onStatus?.());
  }

  private tell(call: (listener: QueueListener) => void): void {
    for (const listener of this.listeners) call(listener);
  }
}
