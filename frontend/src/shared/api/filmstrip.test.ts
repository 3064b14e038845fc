import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStrip } from './filmstrip';
import type { FrameStrip } from './types';

const cell = (change: object = {}): FrameStrip['cells'][number] => ({
  state: 'undecided',
  reason: null,
  returned: false,
  changed: false,
  in_playback: false,
  comments: 0,
  mark: null,
  flags: [],
  box: null,
  ...change,
});

/** The server's rule: pairs of a difference and how often it comes. */
function steps(values: readonly number[]): number[] {
  const pairs: number[] = [];
  values.forEach((value, i) => {
    const difference = value - (values[i - 1] ?? 0);
    const last = pairs.length - 2;
    if (pairs[last] === difference) pairs[last + 1] = (pairs[last + 1] ?? 0) + 1;
    else pairs.push(difference, 1);
  });
  return pairs;
}

const stripOf = (ids: readonly number[], change: Partial<FrameStrip> = {}): FrameStrip => {
  const even = steps(ids.map((_, i) => i));
  return {
    total: ids.length,
    next: null,
    id: steps(ids),
    position: even,
    camera_id: steps(ids.map(() => 7)),
    moment_id: even,
    moment_index: even,
    time_us: steps(ids.map((_, i) => i * 333_333)),
    version: steps(ids.map(() => 3)),
    cells: [cell()],
    cell: steps(ids.map(() => 0)),
    consistency: [],
    ...change,
  };
};

describe('a filmstrip by columns', () => {
  it('reads a column by its differences', () => {
    const frames = readStrip(stripOf([0, 0, 0, 0], { id: [5, 1, 1, 2, 0, 1] }));
    expect(frames.map((frame) => frame.id)).toEqual([5, 6, 7, 7]);
  });

  it('gives every frame what its columns say', () => {
    const [first, second] = readStrip(stripOf([31, 12]));
    expect(first).toMatchObject({ id: 31, position: 0, camera_id: 7, time_s: 0, version: 3 });
    expect(second).toMatchObject({ id: 12, position: 1, camera_id: 7, time_s: 0.333333 });
  });

  it('gives consistencies to the frames that have a box, in their order', () => {
    const box = { flagged: false, stale: false, status: 'proposed' };
    const frames = readStrip(
      stripOf([1, 2, 3, 4], {
        cells: [cell(), cell({ box })],
        cell: steps([1, 0, 1, 1]),
        consistency: [912, -1, 1000],
      }),
    );
    expect(frames.map((frame) => frame.box?.consistency)).toEqual([0.912, undefined, null, 1]);
  });

  it('reads whatever ids there are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 ** 40 })), (ids) => {
        expect(readStrip(stripOf(ids)).map((frame) => frame.id)).toEqual(ids);
      }),
    );
  });

  it('refuses a part whose cells are missing', () => {
    expect(() => readStrip(stripOf([1], { cells: [] }))).toThrow('damaged');
  });
});
