import { describe, expect, it } from 'vitest';
import type { FrameItem } from '@/shared/api/types';
import { borderAt, momentsBetween, runsOf } from './lane';
import type { Range } from './timeline';

const frame = (moment: number, camera = 1): FrameItem =>
  ({ id: 100 * camera + moment, moment_index: moment, camera_id: camera }) as FrameItem;

const sitting: Range = {
  first: 2,
  last: 4,
  label: { group: 'sitting', posture: null },
  origin: 'placed',
  author: null,
};
const prone = { first: 4, last: 7, label: { group: 'prone', posture: null }, likely: 0.9 } as const;

describe('the lane of postures', () => {
  const one = Array.from({ length: 8 }, (_, moment) => frame(moment));
  const order = one.map((_, i) => i);

  it('shows what is said, and what is proposed where nobody said anything', () => {
    const runs = runsOf(one, order, [sitting], [{ ...prone, first: 5 }]);
    expect(runs.map(({ from, to, kind }) => [from, to, kind])).toEqual([
      [2, 5, 'said'],
      [5, 8, 'proposed'],
    ]);
  });

  it('shows a range once for each camera where cameras follow each other', () => {
    const frames = [...one, ...one.map(({ moment_index }) => frame(moment_index, 2))];
    const runs = runsOf(
      frames,
      frames.map((_, i) => i),
      [sitting],
      [],
    );
    expect(runs.map(({ from, to }) => [from, to])).toEqual([
      [2, 5],
      [10, 13],
    ]);
  });

  it('shows one run where the cameras of a moment stand side by side', () => {
    const frames = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4].map((moment, i) => frame(moment, i % 2));
    const runs = runsOf(
      frames,
      frames.map((_, i) => i),
      [sitting],
      [],
    );
    expect(runs).toMatchObject([{ from: 4, to: 10, first: 2, last: 4 }]);
  });

  it('is held at a border, but not at that of a proposal', () => {
    const runs = runsOf(one, order, [sitting], [{ ...prone, first: 5 }]);
    expect(borderAt(runs, 21, 10)).toEqual({ cell: 2, moment: 2 });
    expect(borderAt(runs, 48, 10)).toEqual({ cell: 5, moment: 5 });
    expect(borderAt(runs, 80, 10)).toBeNull();
    expect(borderAt(runs, 30, 10)).toBeNull();
  });

  it('gives the moments of marked cells, whichever way the hand went', () => {
    expect(momentsBetween(one, [6, 2, 3], 2, 0)).toEqual({ first: 2, last: 6 });
    expect(momentsBetween(one, [], 0, 3)).toBeNull();
  });
});
