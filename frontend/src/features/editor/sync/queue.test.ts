import { describe, expect, it, vi } from 'vitest';
import type { Skeleton } from '../document/types';
import {
  CANDIDATES,
  drawn,
  eachAtNewDesk,
  edit,
  FRAME,
  KEEP,
  move,
  POSE,
  QueueDesk,
  START,
} from '../testing/queueServer';

let { server, memory, open, opened } = new QueueDesk();

eachAtNewDesk((desk) => {
  ({ server, memory, open, opened } = desk);
});

describe('autosave', () => {
  it('saves an operation shortly after it, and says so', async () => {
    const queue = opened('a');
    edit(queue, move(3, 50));
    expect(queue.status()).toEqual({ kind: 'saving', changes: 1 });
    await vi.advanceTimersByTimeAsync(200);
    expect(queue.status()).toEqual({ kind: 'saved' });
    expect(server.current.document.skeleton?.[3]?.x).toBe(50);
    expect(memory.batches.size).toBe(0);
  });

  it('gathers what is done within a moment into one request', async () => {
    const queue = opened('a');
    edit(queue, move(3, 50));
    edit(queue, move(3, 51));
    await vi.advanceTimersByTimeAsync(200);
    expect(server.requests).toHaveLength(1);
  });

  it('sends at once when the frame is left', async () => {
    const queue = opened('a');
    edit(queue, move(3, 50));
    queue.flush();
    await vi.advanceTimersByTimeAsync(0);
    expect(queue.status().kind).toBe('saved');
  });

  it('keeps changes on this computer while the server is away, and sends them when it is back', async () => {
    const queue = opened('a');
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
    const queue = opened('a');
    server.mode = 'down';
    edit(queue, move(3, 50));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.requests.length).toBeLessThan(12);
  });

  it('does a change once although the answer was lost', async () => {
    const queue = opened('a');
    server.mode = 'deaf';
    edit(queue, { type: 'swapSides' });
    await vi.advanceTimersByTimeAsync(300);
    server.mode = 'up';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(queue.status()).toEqual({ kind: 'saved' });
    expect(server.current.version).toBe(2);
  });

  it('waits for the log-in without losing anything', async () => {
    const queue = opened('a');
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
    const queue = opened('a');
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
    const queue = opened('a');
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
    const queue = opened('a');
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
    const queue = opened('a');
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
      const queue = opened('a');
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

  it('sends a mark that was made offline', async () => {
    const queue = opened('a');
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
    const queue = opened('a');
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
    const queue = opened('t');
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
});
