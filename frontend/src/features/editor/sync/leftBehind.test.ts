import 'fake-indexeddb/auto';
import { describe, expect, it, vi } from 'vitest';
import {
  CANDIDATES,
  drawn,
  eachAtNewDesk,
  edit,
  FRAME,
  KEEP,
  move,
  QueueDesk,
  START,
} from '../testing/queueServer';
import type { Batch } from './batch';
import type { OtherTabs } from './leftBehind';
import { IndexedDbMemory } from './memory';

let { server, memory, open, opened } = new QueueDesk();

eachAtNewDesk((desk) => {
  ({ server, memory, open, opened } = desk);
});

/** The browser's other tabs. */
class Tabs implements OtherTabs {
  private readonly living: Set<string>;
  private waiting: { tab: string; signal: AbortSignal; then: () => Promise<void> }[] = [];

  constructor(...names: string[]) {
    this.living = new Set(names);
  }

  isGone = async (tab: string) => !this.living.has(tab);

  whenGone = async (tab: string, signal: AbortSignal, then: () => Promise<void>) => {
    this.waiting.push({ tab, signal, then });
  };

  async close(name: string): Promise<void> {
    this.living.delete(name);
    for (const { tab, signal, then } of this.waiting) {
      if (tab === name && !signal.aborted) await then();
    }
  }
}

describe('what an earlier visit left', () => {
  it('sends on the next visit what the page was closed with', async () => {
    const closed = opened('a');
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
    const first = opened('a');
    server.mode = 'signed-out';
    edit(first, move(3, 50));
    await vi.advanceTimersByTimeAsync(500);
    first.close();

    server.mode = 'up';
    const next = opened('a');
    expect(await next.restore()).toBe(1);
    expect(await next.restore()).toBe(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(next.status()).toEqual({ kind: 'saved' });
    expect(server.current.document.skeleton?.[3]?.x).toBe(50);
    expect(memory.batches.size).toBe(0);
  });

  it('leaves changes of another person and of an open tab alone', async () => {
    server.mode = 'down';
    const other = opened('a');
    edit(other, move(3, 50));
    await other.settled();
    const tab = open('b', {
      others: { isGone: async () => false, whenGone: () => new Promise(() => undefined) },
    });
    const person = open('c', { userId: 2 });
    expect(await tab.restore()).toBe(0);
    expect(await person.restore()).toBe(0);
  });

  it('keeps changes in the browser’s database across visits', async () => {
    vi.useRealTimers();
    const first = opened('a', { memory: new IndexedDbMemory('test') });
    server.mode = 'down';
    edit(first, move(3, 50));
    await first.settled();
    first.close();
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    server.mode = 'up';
    const next = open('b', { memory: new IndexedDbMemory('test') });
    expect(await next.restore()).toBe(1);
    await vi.waitFor(() => expect(next.status()).toEqual({ kind: 'saved' }));
    await next.settled();
    expect(await new IndexedDbMemory('test').all()).toEqual([]);
  });

  it('sends on the next visit the box that was drawn offline, with the joints before it', async () => {
    const closed = opened('a');
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

  it('is taken up when its tab closes, or when the browser tells at last that a reload ended it', async () => {
    server.mode = 'down';
    const before = opened('a');
    edit(before, move(3, 50));
    await before.settled();
    const tabs = new Tabs('a');
    const next = open('b', { others: tabs });
    const adopted = vi.fn();
    next.subscribe({ onAdopted: adopted });
    expect(await next.restore()).toBe(0);
    next.load(FRAME, START, CANDIDATES);

    before.close();
    await tabs.close('a');
    expect(adopted).toHaveBeenCalledOnce();
    expect(next.status()).toMatchObject({ changes: 1 });
    expect(next.documentOf(FRAME)?.skeleton?.[3]?.x).toBe(50);
    expect([...memory.batches.values()]).toMatchObject([{ tab: 'b' }]);
    server.mode = 'up';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(server.current.document.skeleton?.[3]?.x).toBe(50);
  });

  it('comes before what was changed here since', async () => {
    server.mode = 'down';
    const before = opened('a');
    edit(before, move(3, 50), move(4, 60));
    await before.settled();
    const tabs = new Tabs('a');
    const next = open('b', { others: tabs });
    await next.restore();
    next.load(FRAME, START, CANDIDATES);
    edit(next, move(3, 70));
    before.close();
    await tabs.close('a');
    server.mode = 'up';
    await vi.advanceTimersByTimeAsync(30_000);
    const joints = server.current.document.skeleton;
    expect([joints?.[3]?.x, joints?.[4]?.x]).toEqual([70, 60]);
    expect(memory.batches.size).toBe(0);
  });

  it('is left to others once the queue is closed', async () => {
    const before = opened('a');
    server.mode = 'down';
    edit(before, move(3, 50));
    await before.settled();
    const tabs = new Tabs('a');
    const next = open('b', { others: tabs });
    await next.restore();
    next.close();
    await tabs.close('a');
    expect(next.pending()).toEqual([]);
    expect([...memory.batches.values()]).toMatchObject([{ tab: 'a' }]);
  });

  it('is sent as an older version of the editor wrote it', async () => {
    const old: Batch = {
      operationId: 'of-old',
      recordingId: 1,
      frameId: FRAME,
      userId: 1,
      tab: 'closed long ago',
      sequence: 0,
      baseVersion: 1,
      operations: [move(3, 50)],
      createdAt: 1,
    };
    await memory.replace([], [old]);
    const next = open('b');
    expect(await next.restore()).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(next.status()).toEqual({ kind: 'saved' });
    expect(server.current.document.skeleton?.[3]?.x).toBe(50);
  });
});
