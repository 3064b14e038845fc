import { describe, expect, it } from 'vitest';
import type { PostureLabel } from '@/shared/domain/postures';
import { POSTURE_GROUPS, POSTURES_OF } from '@/shared/domain/rules.gen';
import vectors from '../../../../../tests/vectors/postures.json';
import {
  beneath,
  moveBorder,
  type Origin,
  paint,
  type Range,
  runsUntil,
  type Stroke,
  untaken,
} from './timeline';

interface Told {
  first: number;
  last: number;
  code: number | null;
  origin: string;
}

function labelOf(code: number): PostureLabel {
  const group = POSTURE_GROUPS[Math.floor(code / 10) - 1] ?? 'prone';
  return { group, posture: POSTURES_OF[group][(code % 10) - 1] ?? null };
}

const strokeOf = ({ first, last, code, origin }: Told): Stroke => ({
  first,
  last,
  label: code === null ? null : labelOf(code),
  origin: origin as Origin,
});
const rangeOf = (told: Told): Range => ({
  first: told.first,
  last: told.last,
  label: labelOf(told.code ?? 0),
  origin: told.origin as Origin,
  author: null,
});

describe('postures over time', () => {
  it.each(vectors)('are painted as the server paints them', (told) => {
    const ranges = paint([], told.before.map(strokeOf), null);
    const strokes = told.act.map(strokeOf);
    expect(ranges).toEqual(told.ranges.map(rangeOf));
    expect(paint(ranges, strokes, null)).toEqual(told.after.map(rangeOf));
    const inverse = strokes.flatMap(({ first, last }) => beneath(ranges, first, last));
    expect(inverse).toEqual(told.beneath.map(strokeOf));
    expect(runsUntil(ranges, told.start, 20)).toBe(told.until);
    expect(paint(paint(ranges, strokes, null), inverse, null)).toEqual(ranges);
  });

  const two = paint(
    [],
    [
      { first: 0, last: 9, label: labelOf(11), origin: 'placed' },
      { first: 10, last: 19, label: labelOf(33), origin: 'proposed' },
    ],
    null,
  );

  it('move their border to either side', () => {
    expect(moveBorder(two, 10, 14)).toEqual({
      first: 10,
      last: 13,
      label: labelOf(11),
      origin: 'placed',
    });
    expect(moveBorder(two, 10, 8)).toEqual({
      first: 8,
      last: 9,
      label: labelOf(33),
      origin: 'proposed',
    });
    expect(moveBorder(two, 10, 10)).toBeNull();
    expect(moveBorder(two, 20, 18)?.label).toBeNull();
  });

  it('leave of a proposal what nobody said anything about', () => {
    const proposal = { first: 5, last: 30, likely: 0.9 };
    expect(untaken([proposal], two)).toEqual([{ ...proposal, first: 20 }]);
    const gap = paint(two, [{ first: 7, last: 8, label: null, origin: 'placed' }], null);
    expect(untaken([proposal], gap).map(({ first, last }) => [first, last])).toEqual([
      [7, 8],
      [20, 30],
    ]);
  });
});
