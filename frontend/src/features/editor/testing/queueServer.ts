/** A server with versions and a memory, to drive the autosave queue without a network. */
import { afterEach, beforeEach, vi } from 'vitest';
import { N_JOINTS } from '@/shared/domain/rules.gen';
import { applyAll } from '../document/apply';
import type { Snapshot } from '../document/received';
import type { Operation, Skeleton } from '../document/types';
import {
  type Batch,
  isAboutBox,
  type Memory,
  type SendResult,
  type Transport,
} from '../sync/batch';
import { type QueueOptions, SyncQueue } from '../sync/queue';
import { EMPTY_DOCUMENT } from './documents';

export const POSE: Skeleton = Array.from({ length: N_JOINTS }, (_, i) => ({ x: i, y: i, v: 2 }));
export const CANDIDATES = new Map([[7, POSE]]);
export const START: Snapshot = {
  version: 1,
  boxVersion: null,
  box: null,
  document: { ...EMPTY_DOCUMENT, candidateId: 7, skeleton: POSE },
};
export const move = (joint: number, x: number): Operation => ({
  type: 'moveJoint',
  joint,
  x,
  y: 0,
});

/** A server with versions, idempotent by operation id, that can be cut off. */
export class QueueServer implements Transport {
  versions: Snapshot[] = [START];
  answers = new Map<string, Snapshot>();
  requests: Batch[] = [];
  /** How often the box was written. */
  boxes = 0;
  mode: 'up' | 'down' | 'deaf' | 'signed-out' | 'closed' = 'up';

  get current(): Snapshot {
    return this.versions.at(-1) ?? START;
  }

  write(...operations: Operation[]): void {
    const { version, boxVersion, document } = this.current;
    const after = applyAll(document, operations, CANDIDATES);
    const joints = operations.some((operation) => !isAboutBox([operation]));
    const box = isAboutBox(operations) ? ++this.boxes : boxVersion;
    this.versions.push({
      ...START,
      version: version + (joints ? 1 : 0),
      boxVersion: after.box === null ? null : box,
      document: after,
    });
  }

  async send(batch: Batch): Promise<SendResult> {
    this.requests.push(batch);
    if (this.mode === 'down') return { kind: 'unreachable' };
    if (this.mode === 'signed-out') return { kind: 'signed-out' };
    if (this.mode === 'closed') return { kind: 'refused', message: 'The recording is approved.' };
    const known = this.answers.get(batch.operationId);
    if (known) return { kind: 'saved', snapshot: known };
    const joints = this.versions.findLast((v) => v.version === batch.baseVersion);
    const boxed = this.versions.find((v) => v.boxVersion === (batch.baseBoxVersion ?? null));
    if (joints === undefined) return { kind: 'refused', message: 'unknown version' };
    const box = boxed?.document.box ?? null;
    const base = { ...joints, document: { ...joints.document, box } };
    const { version, boxVersion } = this.current;
    const sameBox = boxVersion === (batch.baseBoxVersion ?? null);
    if (joints.version !== version || (isAboutBox(batch.operations) && !sameBox))
      return { kind: 'stale', current: this.current, base };
    this.write(...batch.operations);
    this.answers.set(batch.operationId, this.current);
    // The work is done, but the answer is lost on its way.
    return this.mode === 'deaf'
      ? { kind: 'unreachable' }
      : { kind: 'saved', snapshot: this.current };
  }

  async candidates() {
    return CANDIDATES;
  }
}

class RamMemory implements Memory {
  batches = new Map<string, Batch>();
  async all() {
    return [...this.batches.values()];
  }
  async replace(remove: readonly string[], put: readonly Batch[]) {
    for (const id of remove) this.batches.delete(id);
    for (const batch of put) this.batches.set(batch.operationId, batch);
  }
}

/** A server, this computer's memory, and queues between the two. */
export class QueueDesk {
  readonly server = new QueueServer();
  readonly memory = new RamMemory();

  readonly open = (tab: string, more: Partial<QueueOptions> = {}): SyncQueue =>
    new SyncQueue({ transport: this.server, memory: this.memory, userId: 1, tab, ...more });

  /** A queue in whose editor the frame is shown as it is at the start. */
  readonly opened = (tab: string, more: Partial<QueueOptions> = {}): SyncQueue => {
    const queue = this.open(tab, more);
    queue.load(FRAME, START, CANDIDATES);
    return queue;
  };
}

/** Before each test everything begins anew, and time goes on by the test's word. */
export function eachAtNewDesk(sit: (desk: QueueDesk) => void): void {
  beforeEach(() => {
    vi.useFakeTimers();
    sit(new QueueDesk());
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

export function edit(queue: SyncQueue, ...operations: Operation[]): void {
  queue.enqueue(1, FRAME, operations);
}

export const FRAME = 5;
export const KEEP: Operation = { type: 'setVerdict', verdict: 'keep' };
export const drawn = (x: number): Operation => ({
  type: 'drawBox',
  x,
  y: 2,
  width: 30,
  height: 40,
});
