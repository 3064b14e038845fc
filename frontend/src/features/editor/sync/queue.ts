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
import type { Batch, Memory, SaveStatus, SendResult, Transport } from './batch';
import { type Merge, merge, resolve, type Side } from './merge';
import {
  asSeenBy,
  buildsOn,
  isReady,
  NO_BASE,
  NOT_SAVED,
  newFrame,
  type PendingFrame,
  shownDocument,
  statusOf,
} from './pendingFrame';
import { onTopOf } from './taken';

const PARALLEL_FRAMES = 4;
const DELAY_MS = 150;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 20_000;

export interface QueueOptions {
  readonly transport: Transport;
  readonly memory: Memory;
  readonly userId: number;
  readonly tab: string;
  /** Whether the tab that left changes behind is closed. */
  readonly isGone?: (tab: string) => Promise<boolean>;
  readonly newId?: () => string;
}

export interface QueueListener {
  onStatus?(): void;
  /** The server has everything up to this version. */
  onSaved?(frameId: number, snapshot: Snapshot): void;
  /** The frame's document changed under the person's hands, because of a merge. */
  onRebased?(frameId: number, document: Document): void;
}

export class SyncQueue {
  private readonly frames = new Map<number, PendingFrame>();
  private readonly listeners = new Set<QueueListener>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private writes: Promise<void> = Promise.resolve();
  private sequence = 0;
  private failures = 0;
  private unreachable = false;
  private signedOut = false;
  private closed = false;
  private memoryFault: string | null = null;

  constructor(private readonly options: QueueOptions) {}

  subscribe(listener: QueueListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Take up what an earlier visit left behind, and send it. */
  async restore(): Promise<number> {
    const { memory, userId, tab, isGone } = this.options;
    const kept = await memory.all();
    const here = new Set(this.pending().map((batch) => batch.operationId));
    const left = kept.filter((batch) => batch.userId === userId && !here.has(batch.operationId));
    const gone = new Map<string, boolean>();
    for (const name of new Set(left.map((batch) => batch.tab))) {
      // What an earlier editor of this very tab left behind, because the log-in had ended, is ours.
      gone.set(name, name === tab || isGone === undefined || (await isGone(name)));
    }
    const adopted = left
      .filter((batch) => gone.get(batch.tab) === true)
      .sort((a, b) => a.createdAt - b.createdAt || a.sequence - b.sequence)
      .map((batch) => ({ ...batch, tab, sequence: this.sequence++ }));
    if (adopted.length === 0) return 0;
    for (const batch of adopted) {
      const frame = this.frame(batch.frameId);
      frame.batches.push(batch);
      frame.attempted.add(batch.operationId);
    }
    await this.write([], adopted);
    this.changed();
    this.flush();
    return adopted.length;
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

  /** What the person sees of a frame, without an open gesture. */
  documentOf(frameId: number): Document | null {
    const frame = this.frames.get(frameId);
    return frame === undefined ? null : shownDocument(frame);
  }

  versionOf(frameId: number): number | null {
    return this.frames.get(frameId)?.acknowledged?.version ?? null;
  }

  pendingOf(frameId: number): number {
    return this.frames.get(frameId)?.batches.length ?? 0;
  }

  /** Whose the server's state of a frame is, by id; null where that is not known. */
  authorOf(frameId: number): number | null {
    return this.frames.get(frameId)?.acknowledged?.by ?? null;
  }

  conflictOf(frameId: number): Merge | null {
    const problem = this.frames.get(frameId)?.problem;
    return problem?.kind === 'conflict' ? problem.merge : null;
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
    let batch: Batch;
    const room = MAX_OPERATIONS - (last?.operations.length ?? 0);
    if (last !== undefined && !frame.attempted.has(last.operationId) && operations.length <= room) {
      batch = { ...last, operations: [...last.operations, ...operations] };
      if (secondsShown !== undefined) {
        batch = { ...batch, secondsShown: (last.secondsShown ?? 0) + secondsShown };
      }
      frame.batches[frame.batches.length - 1] = batch;
    } else {
      batch = this.newBatch(recordingId, frameId, frame.acknowledged, operations);
      if (secondsShown !== undefined) batch = { ...batch, secondsShown };
      frame.batches.push(batch);
    }
    void this.write([], [batch]);
    this.changed();
    this.schedule(DELAY_MS);
  }

  /** Send now: on leaving a frame, hiding the page, or when the network is back. */
  flush(): void {
    if (this.closed) return;
    this.clearTimer();
    const open = [...this.frames].filter(([, frame]) => isReady(frame));
    const busy = [...this.frames.values()].filter((frame) => frame.sending).length;
    for (const [frameId, frame] of open.slice(0, Math.max(0, PARALLEL_FRAMES - busy))) {
      void this.sendNext(frameId, frame);
    }
  }

  /** Try again at once, also what was refused. */
  retry(): void {
    this.failures = 0;
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
    void this.write(ids, []);
    const document = this.documentOf(frameId);
    if (document !== null) this.tell((l) => l.onRebased?.(frameId, document));
    this.changed();
  }

  /** Everything that waits here, for a person who wants to keep it elsewhere. */
  pending(): Batch[] {
    return [...this.frames.values()].flatMap((frame) => frame.batches);
  }

  status(): SaveStatus {
    const { signedOut, unreachable } = this;
    return statusOf(this.frames, { signedOut, unreachable });
  }

  /**
   * Resolves when the server has everything; what stands in the way is thrown, in words. Before the
   * stage moves: afterwards it would not permit the changes any more.
   */
  drained(): Promise<void> {
    this.flush();
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        const { kind } = this.status();
        if (kind === 'saving') return false;
        if (kind === 'saved') resolve();
        else reject(new Error(NOT_SAVED[kind]));
        return true;
      };
      if (look()) return;
      const stop = this.subscribe({ onStatus: () => look() && stop() });
    });
  }

  /**
   * Whether the server has all changes of these frames, once what is on its way arrived; false where
   * something stands in the way.
   */
  arrived(frameIds: readonly number[]): Promise<boolean> {
    this.flush();
    return new Promise((resolve) => {
      const look = (): boolean => {
        const all = frameIds.every((id) => this.pendingOf(id) === 0);
        const under =
          this.status().kind === 'saving' ||
          frameIds.some((id) => this.frames.get(id)?.sending === true);
        if (!all && under && !this.closed) return false;
        resolve(all);
        return true;
      };
      if (look()) return;
      const stop = this.subscribe({ onStatus: () => look() && stop() });
    });
  }

  /** Why changes cannot be kept on this computer (private window, full disk), or null. */
  get fault(): string | null {
    return this.memoryFault;
  }

  /** Resolves when everything said so far is in the memory. */
  settled(): Promise<void> {
    return this.writes;
  }

  close(): void {
    this.flush();
    this.closed = true;
    this.clearTimer();
    this.listeners.clear();
  }

  private async sendNext(frameId: number, frame: PendingFrame): Promise<void> {
    const batch = frame.batches[0];
    if (batch === undefined) return;
    frame.sending = true;
    frame.attempted.add(batch.operationId);
    let result: SendResult;
    try {
      await this.writes;
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
    if (result.kind === 'unreachable') this.pause();
    else if (result.kind === 'signed-out') this.schedule(MAX_PAUSE_MS);
    else this.flush();
  }

  private receive(frameId: number, frame: PendingFrame, batch: Batch, result: SendResult): void {
    this.unreachable = result.kind === 'unreachable';
    this.signedOut = result.kind === 'signed-out';
    if (!this.unreachable) this.failures = 0;
    if (result.kind === 'saved') {
      const rest = frame.batches.filter((other) => other.operationId !== batch.operationId);
      frame.acknowledged = asSeenBy(rest, batch, frame.acknowledged, result.snapshot);
      const { version, boxVersion } = frame.acknowledged;
      const base = { baseVersion: version, baseBoxVersion: boxVersion };
      frame.batches = rest.map((other, i) => (i === 0 ? { ...other, ...base } : other));
      void this.write([batch.operationId], frame.batches.slice(0, 1));
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
    void this.write(
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

  private frame(frameId: number): PendingFrame {
    let frame = this.frames.get(frameId);
    if (frame === undefined) {
      frame = newFrame();
      this.frames.set(frameId, frame);
    }
    return frame;
  }

  private write(remove: readonly string[], put: readonly Batch[]): Promise<void> {
    this.writes = this.writes.then(() =>
      this.options.memory.replace(remove, put).then(
        () => {
          this.memoryFault = null;
        },
        (error: unknown) => {
          this.memoryFault = error instanceof Error ? error.message : String(error);
          this.changed();
        },
      ),
    );
    return this.writes;
  }

  private pause(): void {
    const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures++);
    this.schedule(pause * (0.75 + Math.random() / 2));
  }

  private schedule(delay: number): void {
    if (this.timer !== null || this.closed) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.flush();
    }, delay);
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private changed(): void {
    this.tell((listener) => listener.onStatus?.());
  }

  private tell(call: (listener: QueueListener) => void): void {
    for (const listener of this.listeners) call(listener);
  }
}
