import { describe, expect, it } from 'vitest';
import { openDoubts, withDoubts } from '@/shared/api/doubts';
import type { DoubtedJoint, Suspicions } from '@/shared/api/types';
import { filterCounts, orderOf } from '../frames/navigation';
import { frameItem } from '../testing/driver';
import { bookOf, leftByKind, nextSuspicious } from './book';
import { IDLE_MS, Looking } from './looking';

const doubted = (
  joint: number,
  percent: number,
  change: Partial<DoubtedJoint> = {},
): DoubtedJoint => ({
  joint,
  percent,
  doubt: 'jump',
  reason: `Joint ${joint} jumps.`,
  x: null,
  y: null,
  waived: null,
  ...change,
});

const FOUND: Suspicions = {
  waiting: 0,
  frames: [
    { frame_id: 3, percent: 97, joints: [doubted(14, 97), doubted(9, 60)] },
    { frame_id: 1, percent: 80, joints: [doubted(5, 80, { doubt: 'exchanged' })] },
    {
      frame_id: 2,
      percent: 70,
      joints: [doubted(7, 70, { waived: { name: 'Ann', note: 'behind the toy' } })],
    },
  ],
  quick: [0, 4],
  sampled: [4],
  words: [],
  usuals: [],
};
const ITEMS = [0, 1, 2, 3, 4].map((id) => frameItem(id));
const FRAMES = withDoubts(ITEMS, FOUND);
const BOOK = bookOf(FOUND);

describe('the suspicion queue', () => {
  it('begins with the most doubted joint and walks on to the next frame', () => {
    const first = nextSuspicious(BOOK, FRAMES, { index: 0, joint: null }, 1);
    expect(first).toEqual({ index: 3, joint: 14 });
    const second = nextSuspicious(BOOK, FRAMES, { index: 3, joint: 14 }, 1);
    expect(second).toEqual({ index: 3, joint: 9 });
    const third = nextSuspicious(BOOK, FRAMES, { index: 3, joint: 9 }, 1);
    expect(third).toEqual({ index: 1, joint: 5 });
    expect(nextSuspicious(BOOK, FRAMES, { index: 1, joint: 5 }, 1)).toEqual(first);
    expect(nextSuspicious(BOOK, FRAMES, { index: 3, joint: 14 }, -1)).toEqual(third);
  });

  it('begins with the joints of the frame that is shown', () => {
    expect(nextSuspicious(BOOK, FRAMES, { index: 1, joint: null }, 1)).toEqual({
      index: 1,
      joint: 5,
    });
  });

  it('ends where nothing is doubted, or everything was waved through', () => {
    const waved = { ...FOUND, frames: FOUND.frames.slice(2) };
    const frames = withDoubts(ITEMS, waved);
    expect(nextSuspicious(bookOf(waved), frames, { index: 2, joint: 7 }, 1)).toBeNull();
  });

  it('is what the filter counts and orders by', () => {
    expect(filterCounts(FRAMES, 'annotate').get('suspicious')).toBe(2);
    expect(orderOf(FRAMES, 'suspicious', 'annotate')).toEqual([3, 1]);
    expect(orderOf(FRAMES, 'quick', 'inspect')).toEqual([0, 4]);
    expect(orderOf(FRAMES, 'sampled', 'inspect')).toEqual([4]);
  });

  it('forgets what was doubted of a frame as soon as it is discarded', () => {
    const frames = FRAMES.map((item, i) =>
      i === 3 ? { ...item, state: 'discarded' as const } : item,
    );
    expect(frames.map(openDoubts)).toEqual([0, 1, 0, 0, 0]);
    expect(filterCounts(frames, 'annotate').get('suspicious')).toBe(1);
    expect(orderOf(frames, 'suspicious', 'annotate')).toEqual([1]);
  });

  it('leaves by kind what nobody answered', () => {
    expect(leftByKind(BOOK, FRAMES)).toMatchObject([
      { doubt: 'exchanged', joints: 1, frames: [1] },
      { doubt: 'jump', joints: 2, frames: [3] },
    ]);
  });

  it('keeps the cells of frames of which nothing new is said', () => {
    const again = withDoubts(FRAMES, FOUND);
    expect(again.every((item, i) => item === FRAMES[i])).toBe(true);
  });
});

describe('the time for which a frame is looked at', () => {
  it('counts while the frame is shown and somebody moves, and begins anew once it is taken', () => {
    let now = 0;
    const looking = new Looking(() => now);
    looking.show([1]);
    now = 300;
    looking.show([2]);
    now = 1000;
    expect(looking.take(1)).toBe(0.3);
    expect(looking.take(1)).toBe(0);
    expect(looking.take(2)).toBe(0.7);
    now = 1500;
    expect(looking.take(2)).toBe(0.5);
  });

  it('runs for all cameras that are shown', () => {
    let now = 0;
    const looking = new Looking(() => now);
    looking.show([1, 2]);
    now = 800;
    looking.show([1]);
    now = 1000;
    expect([looking.take(1), looking.take(2)]).toEqual([1, 0.8]);
  });

  it('stops when nobody moves', () => {
    let now = 0;
    const looking = new Looking(() => now);
    looking.show([1]);
    now = 10 * IDLE_MS;
    looking.moved();
    now += 1000;
    expect(looking.take(1)).toBe(IDLE_MS / 1000 + 1);
  });

  it('does not run while the tab is hidden', () => {
    let now = 0;
    const looking = new Looking(() => now);
    looking.show([1]);
    now = 500;
    looking.show([]);
    now = 9000;
    looking.show([1]);
    expect(looking.take(1)).toBe(0.5);
  });
});
