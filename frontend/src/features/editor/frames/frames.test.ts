import { describe, expect, it, vi } from 'vitest';
import { StripScale, signOf } from '../filmstrip/cells';
import { frameDocument, frameItem } from '../testing/driver';
import { FrameCache, type FrameImage } from './FrameCache';
import {
  awaitsDecision,
  filterCounts,
  filterLabel,
  nextNeeding,
  orderOf,
  stepFrom,
} from './navigation';

const box = (change = {}) => ({
  flagged: false,
  stale: false,
  status: 'proposed' as const,
  consistency: 0.9,
  ...change,
});

describe('the order in which keys step through frames', () => {
  it('is the order in time, narrowed by the filter', () => {
    const frames = [frameItem(0), frameItem(1, { state: 'accepted' }), frameItem(2)];
    expect(orderOf(frames, 'all', 'annotate')).toEqual([0, 1, 2]);
    expect(orderOf(frames, 'undecided', 'annotate')).toEqual([0, 2]);
  });

  it('puts flagged, stale and doubtful boxes first in box review, and leaves out frames without', () => {
    const frames = [
      frameItem(0, { box: box() }),
      frameItem(1),
      frameItem(2, { box: box({ consistency: 0.7 }) }),
      frameItem(3, { box: box({ flagged: true, consistency: 0.6 }) }),
      frameItem(4, { box: box({ stale: true }) }),
    ];
    expect(orderOf(frames, 'all', 'boxes')).toEqual([3, 4, 2, 0]);
  });

  it('knows the flagged boxes that nobody decided on', () => {
    const frames = [
      frameItem(0),
      frameItem(1, { box: box() }),
      frameItem(2, { box: box({ flagged: true }) }),
      frameItem(3, { box: box({ flagged: true, status: 'approved' }) }),
    ];
    expect(frames.map(awaitsDecision)).toEqual([false, false, true, false]);
  });

  it('steps to the neighbours inside a filter from a frame outside it', () => {
    expect(stepFrom([2, 5, 9], 4, 1)).toBe(5);
    expect(stepFrom([2, 5, 9], 4, -1)).toBe(2);
    expect(stepFrom([2, 5, 9], 9, 1)).toBe(9);
    expect(stepFrom([], 4, 1)).toBeNull();
  });

  it('finds the next frame that needs its reader, in every mode', () => {
    const done = { state: 'accepted' as const, mark: 'good' as const };
    const frames = [frameItem(0), frameItem(1, done), frameItem(2, { ...done, returned: true })];
    const annotating = { mode: 'annotate', stage: 'annotating' } as const;
    const inspecting = { mode: 'inspect', stage: 'inspecting' } as const;
    expect(nextNeeding(frames, [0, 1, 2], 0, annotating, 1)).toBe(2);
    expect(nextNeeding(frames, [0, 1, 2], 2, inspecting, 1)).toBe(0);
    expect(nextNeeding(frames, [0, 1, 2], 0, inspecting, 1)).toBeNull();
  });

  it('finds a frame with nothing but an open comment after a return', () => {
    const done = { state: 'accepted' as const };
    const frames = [frameItem(0, done), frameItem(1, { ...done, comments: 1 })];
    const next = (stage: 'annotating' | 'returned' | 'boxes_returned') =>
      nextNeeding(frames, [0, 1], 0, { mode: 'annotate', stage }, 1);
    expect(next('returned')).toBe(1);
    expect(next('boxes_returned')).toBe(1);
    expect(next('annotating')).toBeNull();
  });

  it('counts as kept frames those that box review steps through', () => {
    const frames = [frameItem(0, { box: box() }), frameItem(1, { state: 'discarded' })];
    expect(filterLabel('all', 'boxes')).toBe('Kept frames');
    expect(filterCounts(frames, 'boxes').get('all')).toBe(1);
    expect(filterCounts(frames, 'boxes').get('discarded')).toBe(0);
    expect(filterLabel('all', 'annotate')).toBe('All frames');
    expect(filterCounts(frames, 'annotate').get('all')).toBe(2);
  });
});

describe('the filmstrip', () => {
  it('maps ten thousand frames to pixels and back', () => {
    const scale = new StripScale(10_000, 1200);
    expect(scale.at(scale.x(7_000) + 0.01)).toBe(7_000);
    expect(scale.at(-5)).toBe(0);
    expect(scale.at(99_999)).toBe(9_999);
  });

  it('speaks of boxes in box review', () => {
    const item = frameItem(0, { state: 'accepted', box: box({ status: 'sent_back' }) });
    expect(signOf(item, 'boxes')).toBe('returned');
    expect(signOf(item, 'inspect')).toBe('accepted');
  });
});

describe('the cache of frames', () => {
  const image = { width: 100, height: 100, close: vi.fn() } as unknown as FrameImage;

  it('loads a frame once, however many ask', async () => {
    const document = vi.fn(async (id: number) => frameDocument(id));
    const cache = new FrameCache({ document, image: async () => image });
    await Promise.all([cache.load(1), cache.load(1)]);
    await cache.load(1);
    expect(document).toHaveBeenCalledTimes(1);
    expect(cache.peek(1)?.doc.id).toBe(1);
  });

  it('makes the wanted frames ready, four at a time', async () => {
    let running = 0;
    let most = 0;
    const document = async (id: number) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      return frameDocument(id);
    };
    const cache = new FrameCache({ document, image: async () => image });
    cache.prefetch([1, 2, 3, 4, 5, 6, 7, 8]);
    await vi.waitFor(() => expect(cache.peek(8)).not.toBeNull());
    expect(most).toBeLessThanOrEqual(4);
  });

  it('asks again for a frame that somebody else changed, but not for its image', async () => {
    const document = vi.fn(async (id: number) => frameDocument(id));
    const load = vi.fn(async () => image);
    const cache = new FrameCache({ document, image: load });
    await cache.load(1);
    cache.invalidate(1);
    expect(cache.peek(1)).toBeNull();
    await cache.load(1);
    expect(document).toHaveBeenCalledTimes(2);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('lets a failed frame be asked for again', async () => {
    const document = vi
      .fn(async (id: number) => frameDocument(id))
      .mockRejectedValueOnce(new Error('gone'));
    const cache = new FrameCache({ document, image: async () => image });
    await expect(cache.load(1)).rejects.toThrow('gone');
    await expect(cache.load(1)).resolves.toMatchObject({ doc: { id: 1 } });
  });
});

describe('what inspectors filter by', () => {
  const frames = Array.from({ length: 80 }, (_, i) =>
    frameItem(i, { author: i < 5 ? 7 : 8, agreement: i === 3 ? 0.5 : 0.97, propagated: i > 77 }),
  );

  it('is who wrote last, what was propagated, and what lies far from the model', () => {
    expect(orderOf(frames, 'by:7', 'inspect')).toEqual([0, 1, 2, 3, 4]);
    expect(orderOf(frames, 'propagated', 'inspect')).toEqual([78, 79]);
    expect(orderOf(frames, 'disagrees', 'inspect')).toEqual([3]);
  });

  it('is some frames by chance, which the same seed draws again', () => {
    const some = orderOf(frames, 'drawn:1', 'inspect');
    expect(some).toHaveLength(30);
    expect(orderOf(frames, 'drawn:1', 'inspect')).toEqual(some);
    expect(orderOf(frames, 'drawn:2', 'inspect')).not.toEqual(some);
  });

  it('leaves what the facts do not know', () => {
    expect(orderOf([frameItem(0)], 'disagrees', 'inspect')).toEqual([]);
  });
});
