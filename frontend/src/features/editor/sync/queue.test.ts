import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { N_JOINTS } from '@/shared/domain/rules.gen';
import { applyAll } from '../document/apply';
import type { Snapshot } from '../document/received';
import type { Operation, Skeleton } from '../document/types';
import { EMPTY_DOCUMENT } from '../testing/documents';
import { type Batch, isAboutBox, type Memory, type SendResult, type Transport } from './batch';
import { IndexedDbMemory } from './memory';
import { SyncQueue } from './queue';

const POSE: Skeleton = Array.from({ length: N_JOINTS }, (_, i) => ({ x: i, y: i, v: 2 }));
const CANDIDATES = new Map([[7, POSE]]);
const START: Snapshot = {
  version: 1,
  boxVersion: null,
  box: null,
  document: { ...EMPTY_DOCUMENT, candidateId: 7, skeleton: POSE },
};
const move = (joint: number, x: number): Operation => ({ type: 'moveJoint', joint, x, y: 0 });

/** A server with versions, idempotent by operation id, that can be cut off. */
class Server implements Transport {
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

const FRAME = 5;
let server: Server;
let memory: RamMemory;

const open = (tab: string, where: Memory = memory) =>
  new SyncQueue({ transport: server, memory: where, userId: 1, tab });

function edit(queue: SyncQueue, ...operations: Operation[]): void {
  queue.enqueue(1, FRAME, operations);
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  memory = new RamMemory();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('autosave', () => {
  it('saves an operation shortly after it, and says so', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    edit(queue, move(3, 50));
    expect(queue.status()).toEqual({ kind: 'saving', changes: 1 });
    await vi.advanceTimersByTimeAsync(200);
    expect(queue.status()).toEqual({ kind: 'saved' });
    expect(server.current.document.skeleton?.[3]?.x).toBe(50);
    expect(memory.batches.size).toBe(0);
  });

  it('gathers what is done within a moment into one request', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    edit(queue, move(3, 50));
    edit(queue, move(3, 51));
    await vi.advanceTimersByTimeAsync(200);
    expect(server.requests).toHaveLength(1);
  });

  it('sends at once when the frame is left', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    edit(queue, move(3, 50));
    queue.flush();
    await vi.advanceTimersByTimeAsync(0);
    expect(queue.status().kind).toBe('saved');
  });

  it('keeps changes on this computer while the server is away, and sends them when it is back', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    server.mode = 'down';
    edit(queue, move(3, 50));
    await vi.advanceTimersByTimeAsync(5000);
    edit(queue, move(4, 60));
    await vi.advanceTimersByTimeAsync(5000);
    expect(queue.status()).toEqual({ kind: 'offline', changes: 2 });
    expect(memory.batches.size).toBe(2);
    server.mode = 'up';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(queue.status()).toEqual({ kind: 'saved' });
    expect(server.current.document.skeleton?.[3]?.x).toBe(50);
    expect(server.current.document.skeleton?.[4]?.x).toBe(60);
  });

  it('asks less and less often while the server is away', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    server.mode = 'down';
    edit(queue, move(3, 50));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.requests.length).toBeLessThan(12);
  });

  it('does a change once although the answer was lost', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    server.mode = 'deaf';
    edit(queue, { type: 'swapSides' });
    await vi.advanceTimersByTimeAsync(300);
    server.mode = 'up';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(queue.status()).toEqual({ kind: 'saved' });
    expect(server.current.version).toBe(2);
  });

  it('sends on the next visit what the page was closed with', async () => {
    const closed = open('a');
    closed.load(FRAME, START, CANDIDATES);
    server.mode = 'down';
    edit(closed, move(3, 50));
    await vi.advanceTimersByTimeAsync(500);
    edit(closed, move(4, 60));
    await closed.settled();
    closed.close();

    server.mode = 'up';
    const next = open('b');
    expect(await next.restore()).toBe(2);
    expect(next.load(FRAME, START, CANDIDATES)?.skeleton?.[4]?.x).toBe(60);
    await vi.advanceTimersByTimeAsync(1000);
    expect(next.status()).toEqual({ kind: 'saved' });
    expect(server.current.document.skeleton?.[3]?.x).toBe(50);
  });

  it('is taken up by the next editor of the same tab after the log-in had ended', async () => {
    const first = open('a');
    first.load(FRAME, START, CANDIDATES);
    server.mode = 'signed-out';
    edit(first, move(3, 50));
    await vi.advanceTimersByTimeAsync(500);
    first.close();

    server.mode = 'up';
    const next = open('a');
    next.load(FRAME, START, CANDIDATES);
    expect(await next.restore()).toBe(1);
    expect(await next.restore()).toBe(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(next.status()).toEqual({ kind: 'saved' });
    expect(server.current.document.skeleton?.[3]?.x).toBe(50);
    expect(memory.batches.size).toBe(0);
  });

  it('leaves changes of another person and of an open tab alone', async () => {
    server.mode = 'down';
    const other = open('a');
    other.load(FRAME, START, CANDIDATES);
    edit(other, move(3, 50));
    await other.settled();
    const tab = new SyncQueue({
      transport: server,
      memory,
      userId: 1,
      tab: 'b',
      isGone: async () => false,
    });
    const person = new SyncQueue({ transport: server, memory, userId: 2, tab: 'c' });
    expect(await tab.restore()).toBe(0);
    expect(await person.restore()).toBe(0);
  });

  it('keeps changes in the browser’s database across visits', async () => {
    vi.useRealTimers();
    const first = open('a', new IndexedDbMemory('test'));
    first.load(FRAME, START, CANDIDATES);
    server.mode = 'down';
    edit(first, move(3, 50));
    await first.settled();
    first.close();
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    server.mode = 'up';
    const next = open('b', new IndexedDbMemory('test'));
    expect(await next.restore()).toBe(1);
    await vi.waitFor(() => expect(next.status()).toEqual({ kind: 'saved' }));
    await next.settled();
    expect(await new IndexedDbMemory('test').all()).toEqual([]);
  });

  it('waits for the log-in without losing anything', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    server.mode = 'signed-out';
    edit(queue, move(3, 50));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(queue.status()).toEqual({ kind: 'signed-out', changes: 1 });
    expect(server.requests.length).toBeLessThan(5);
    server.mode = 'up';
    queue.retry();
    await vi.advanceTimersByTimeAsync(100);
    expect(queue.status()).toEqual({ kind: 'saved' });
  });

  it('keeps what the server refuses, once, and says why', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    server.mode = 'closed';
    edit(queue, move(3, 50));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.requests).toHaveLength(1);
    expect(queue.status()).toMatchObject({
      kind: 'refused',
      message: 'The recording is approved.',
    });
    expect(memory.batches.size).toBe(1);
    queue.abandon(FRAME);
    expect(queue.status()).toEqual({ kind: 'saved' });
    await queue.settled();
    expect(memory.batches.size).toBe(0);
    expect(queue.documentOf(FRAME)).toEqual(START.document);
  });

  it('merges a stale write silently where different joints were moved', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    server.write(move(9, 99));
    const rebased = vi.fn();
    queue.subscribe({ onRebased: rebased });
    edit(queue, move(3, 50));
    await vi.advanceTimersByTimeAsync(1000);
    expect(queue.status()).toEqual({ kind: 'saved' });
    expect(server.current.document.skeleton?.[3]?.x).toBe(50);
    expect(server.current.document.skeleton?.[9]?.x).toBe(99);
    expect(rebased).toHaveBeenCalledWith(FRAME, server.current.document);
  });

  it('keeps of a merged frame which joints were inferred, and from which frames', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    server.write(move(9, 99));
    const joints: Skeleton = POSE.map((joint, i) => (i < 3 ? { ...joint, x: 40 + i } : joint));
    edit(queue, { type: 'takeEstimate', joints, sources: [11, 12], solve: 4 }, move(2, 50));
    await vi.advanceTimersByTimeAsync(1000);
    expect(queue.status()).toEqual({ kind: 'saved' });
    const sent = server.requests.at(-1)?.operations ?? [];
    expect(sent[0]).toMatchObject({ type: 'takeEstimate', sources: [11, 12], solve: 4 });
    // What I moved myself, and what somebody else did, is not inferred.
    expect(sent.slice(1)).toMatchObject([
      { type: 'placeJoint', joint: 2, x: 50 },
      { type: 'placeJoint', joint: 9, x: 99 },
    ]);
    expect(server.current.document.skeleton?.map(({ x }) => x).slice(0, 3)).toEqual([40, 41, 50]);
    expect(server.current.document.skeleton?.[9]?.x).toBe(99);
  });

  it('takes nothing where the other person placed every joint that was inferred', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    server.write(move(0, 40), move(9, 99));
    const joints: Skeleton = POSE.map((joint, i) => (i === 0 ? { ...joint, x: 40 } : joint));
    edit(queue, { type: 'takeEstimate', joints, sources: [11], solve: 4 }, move(3, 50));
    await vi.advanceTimersByTimeAsync(1000);
    const sent = server.requests.at(-1)?.operations ?? [];
    expect(sent.map(({ type }) => type)).toEqual(['placeJoint']);
  });

  it.each(['mine', 'theirs'] as const)(
    'asks where both moved one joint, and takes %s',
    async (side) => {
      const queue = open('a');
      queue.load(FRAME, START, CANDIDATES);
      server.write(move(3, 99));
      edit(queue, move(3, 50), move(4, 60));
      await vi.advanceTimersByTimeAsync(1000);
      expect(queue.status()).toMatchObject({ kind: 'conflict', frames: [FRAME] });
      expect(memory.batches.size).toBe(1);
      queue.resolve(FRAME, new Map([['joint-3', side]]));
      await vi.advanceTimersByTimeAsync(1000);
      expect(queue.status()).toEqual({ kind: 'saved' });
      expect(server.current.document.skeleton?.[3]?.x).toBe(side === 'mine' ? 50 : 99);
      expect(server.current.document.skeleton?.[4]?.x).toBe(60);
    },
  );

  const KEEP: Operation = { type: 'setVerdict', verdict: 'keep' };
  const drawn = (x: number): Operation => ({ type: 'drawBox', x, y: 2, width: 30, height: 40 });

  it('sends on the next visit the box that was drawn offline, with the joints before it', async () => {
    const closed = open('a');
    closed.load(FRAME, START, CANDIDATES);
    server.mode = 'down';
    edit(closed, move(3, 50), KEEP, drawn(7));
    await vi.advanceTimersByTimeAsync(500);
    edit(closed, { type: 'judgeBox', status: 'approved' });
    await closed.settled();
    closed.close();

    server.mode = 'up';
    const next = open('b');
    await next.restore();
    expect(next.load(FRAME, START, CANDIDATES)?.box).toMatchObject({ x: 7, status: 'approved' });
    await vi.advanceTimersByTimeAsync(1000);
    expect(next.status()).toEqual({ kind: 'saved' });
    expect(server.current.document.box).toMatchObject({ x: 7, status: 'approved' });
    expect(server.current.document.box?.madeFrom[3]?.x).toBe(50);
    expect(memory.batches.size).toBe(0);
  });

  it('sends a mark that was made offline', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    server.mode = 'down';
    edit(queue, { type: 'setMark', mark: 'revise' });
    await vi.advanceTimersByTimeAsync(500);
    expect(memory.batches.size).toBe(1);
    server.mode = 'up';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(server.current.document.mark).toBe('revise');
  });

  it.each(['mine', 'theirs'] as const)(
    'asks where both drew the box, and takes %s',
    async (side) => {
      server.write(KEEP);
      server.write(drawn(1));
      const queue = open('a');
      queue.load(FRAME, server.current, CANDIDATES);
      server.write(drawn(5));
      edit(queue, drawn(9), move(3, 50));
      await vi.advanceTimersByTimeAsync(1000);
      expect(queue.status()).toMatchObject({ kind: 'conflict', frames: [FRAME] });
      queue.resolve(FRAME, new Map([['box', side]]));
      await vi.advanceTimersByTimeAsync(1000);
      expect(queue.status()).toEqual({ kind: 'saved' });
      expect(server.current.document.box?.x).toBe(side === 'mine' ? 9 : 5);
      expect(server.current.document.skeleton?.[3]?.x).toBe(50);
    },
  );

  it('asks about a box that changed while only joints were on their way', async () => {
    server.write(KEEP);
    server.write(drawn(1));
    const queue = open('a');
    queue.load(FRAME, server.current, CANDIDATES);
    edit(queue, move(3, 50));
    queue.flush();
    server.write(drawn(5));
    edit(queue, drawn(9));
    await vi.advanceTimersByTimeAsync(1000);
    expect(queue.conflictOf(FRAME)?.conflicts).toMatchObject([
      { kind: 'box', mine: { x: 9 }, theirs: { x: 5 } },
    ]);
  });

  it('says when everything is on the server, and what stands in the way', async () => {
    const queue = open('a');
    queue.load(FRAME, START, CANDIDATES);
    edit(queue, move(3, 50));
    await Promise.all([queue.drained(), vi.advanceTimersByTimeAsync(200)]);
    expect(server.current.document.skeleton?.[3]?.x).toBe(50);
    server.mode = 'down';
    edit(queue, move(3, 51));
    const drained = expect(queue.drained()).rejects.toThrow('cannot be reached');
    await vi.advanceTimersByTimeAsync(200);
    await drained;
  });

  it('says whether the server has the changes of some frames, once it knows', async () => {
    const queue = open('t');
    queue.load(FRAME, START, CANDIDATES);
    edit(queue, move(0, 50));
    await expect(queue.arrived([FRAME])).resolves.toBe(true);
    expect(server.requests).toHaveLength(1);
    server.mode = 'down';
    edit(queue, move(1, 60));
    await expect(queue.arrived([FRAME])).resolves.toBe(false);
    await expect(queue.arrived([FRAME + 1])).resolves.toBe(true);
    server.mode = 'up';
    await expect(queue.arrived([FRAME])).resolves.toBe(true);
  });

  it('never loses a change, whatever the server and the network do', async () => {
    const weather = fc.constantFrom('up', 'down', 'deaf', 'signed-out') satisfies fc.Arbitrary<
      Server['mode']
    >;
    const steps = fc.array(
      fc.oneof(
        fc.record({
          kind: fc.constant('edit' as const),
          joint: fc.nat(7),
          x: fc.integer({ min: 100, max: 999 }),
        }),
        fc.record({
          kind: fc.constant('other' as const),
          joint: fc.integer({ min: 8, max: 16 }),
          x: fc.integer({ min: 100, max: 999 }),
        }),
        fc.record({
          kind: fc.constant('draw' as const),
          joint: fc.constant(0),
          x: fc.integer({ min: 0, max: 99 }),
        }),
        fc.record({ kind: fc.constant('weather' as const), mode: weather }),
        fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(3000) }),
        fc.record({ kind: fc.constant('reload' as const) }),
      ),
      { maxLength: 14 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        server = new Server();
        memory = new RamMemory();
        const expected = new Map<number, number>();
        let box: number | undefined;
        server.write(KEEP);
        let visit = 0;
        let queue = open(`tab-${visit}`);
        queue.load(FRAME, server.current, CANDIDATES);
        for (const step of list) {
          if (step.kind === 'edit' && queue.documentOf(FRAME) !== null) {
            edit(queue, move(step.joint, step.x));
            expected.set(step.joint, step.x);
          } else if (step.kind === 'draw' && queue.documentOf(FRAME) !== null) {
            edit(queue, drawn(step.x));
            box = step.x;
          } else if (step.kind === 'other') {
            server.write(move(step.joint, step.x));
            expected.set(step.joint, step.x);
          } else if (step.kind === 'weather') {
            server.mode = step.mode;
          } else if (step.kind === 'wait') {
            await vi.advanceTimersByTimeAsync(step.ms);
          } else if (step.kind === 'reload') {
            await queue.settled();
            queue.close();
            await vi.advanceTimersByTimeAsync(0);
            queue = open(`tab-${++visit}`);
            await queue.restore();
            queue.load(FRAME, server.current, CANDIDATES);
          }
        }
        server.mode = 'up';
        queue.retry();
        await vi.advanceTimersByTimeAsync(60_000);
        expect(queue.status()).toEqual({ kind: 'saved' });
        expect(memory.batches.size).toBe(0);
        for (const [joint, x] of expected)
          expect(server.current.document.skeleton?.[joint]?.x).toBe(x);
        expect(server.current.document.box?.x).toBe(box);
      }),
      { numRuns: 150 },
    );
  });
});
