import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FrameItem } from '@/shared/api/types';
import type { Batch } from '../sync/batch';
import type { QueueListener } from '../sync/queue';
import { showRestored } from './restored';

const item = (id: number): FrameItem => ({ id, state: 'accepted' }) as FrameItem;

/** What an earlier visit left, by frame, and the one who listens to what becomes of it. */
function left(...frameIds: number[]) {
  const waiting = new Set(frameIds);
  const listeners = new Set<QueueListener>();
  return {
    queue: {
      pendingOf: (frameId: number) => (waiting.has(frameId) ? 1 : 0),
      subscribe: (listener: QueueListener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    adopt: () => {
      const batches = frameIds.map((frameId) => ({ frameId }) as Batch);
      for (const listener of listeners) listener.onAdopted?.(batches);
    },
    change: (frameId: number) => waiting.add(frameId),
    save: (frameId: number) => {
      waiting.delete(frameId);
      for (const listener of listeners) listener.onSaved?.(frameId, {} as never);
    },
  };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('changes of an earlier visit', () => {
  it('reach the filmstrip once they are saved, with one question to the server', async () => {
    const earlier = left(5, 7);
    const read = vi.fn(async () => [item(5), item(6), item(7)]);
    const show = vi.fn();
    const onFirst = vi.fn();
    showRestored({ queue: earlier.queue, read, show, onFirst });
    earlier.adopt();
    expect(onFirst).toHaveBeenCalledOnce();
    earlier.save(5);
    earlier.save(7);
    earlier.save(6);
    await vi.advanceTimersByTimeAsync(1000);
    expect(read).toHaveBeenCalledOnce();
    expect(show.mock.calls.map(([shown]) => shown.id)).toEqual([5, 7]);
  });

  it('do not cover what was changed since', async () => {
    const earlier = left(5);
    const show = vi.fn();
    showRestored({ queue: earlier.queue, read: async () => [item(5)], show, onFirst: vi.fn() });
    earlier.adopt();
    earlier.save(5);
    earlier.change(5);
    await vi.advanceTimersByTimeAsync(1000);
    expect(show).not.toHaveBeenCalled();
  });

  it('are left alone when the editor is closed', async () => {
    const earlier = left(5);
    const read = vi.fn(async () => [item(5)]);
    const stop = showRestored({ queue: earlier.queue, read, show: vi.fn(), onFirst: vi.fn() });
    earlier.adopt();
    earlier.save(5);
    stop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(read).not.toHaveBeenCalled();
  });
});
