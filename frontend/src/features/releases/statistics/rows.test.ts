import { describe, expect, it } from 'vitest';
import type { Statistics } from './queries';
import { ageRows, boxRows, jointRows, shades, splitsOf, spotOf, totalOf, viewsLabel } from './rows';
import { savedVersions } from './Work';

const statistics = {
  table: [
    { source: 'home_visit', split: 'test' },
    { source: 'home_visit', split: 'train' },
    { source: 'youtube', split: 'train' },
  ],
  joints: { train: { nose: [1, 2, 7] }, test: { nose: [0, 0, 5] } },
  ages: [
    { split: 'train', months: 9, frames: 4, infants: 1 },
    { split: 'test', months: 7, frames: 3, infants: 1 },
    { split: 'train', months: null, frames: 2, infants: 1 },
  ],
  box_sizes: [
    { split: 'train', tenth: 9, boxes: 6 },
    { split: 'test', tenth: 9, boxes: 1 },
  ],
} as unknown as Statistics;

describe('rows of the statistics', () => {
  it('count a joint over all splits, or in one, and lead to its frames', () => {
    expect(jointRows(statistics, undefined)[0]?.parts.map((part) => part.value)).toEqual([
      12, 2, 1,
    ]);
    const [, occluded] = jointRows(statistics, 'train')[0]?.parts ?? [];
    expect(occluded).toEqual({
      name: 'occluded',
      value: 2,
      search: { split: 'train', joint: 0, visibility: 'occluded' },
    });
  });

  it('leave no month out between the youngest and the oldest, and put unknown ages last', () => {
    const rows = ageRows(statistics, undefined);
    expect(rows.map((row) => [row.label, totalOf(row)])).toEqual([
      ['7', 3],
      ['8', 0],
      ['9', 4],
      ['unknown', 2],
    ]);
    expect(rows.at(-1)?.parts[0]?.search).toEqual({ split: undefined, months: -1 });
    expect(ageRows({ ...statistics, ages: [] }, undefined)).toEqual([]);
  });

  it('have ten sizes of boxes', () => {
    expect(boxRows(statistics, 'train').map(totalOf)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 6]);
  });

  it('name each split once', () => {
    expect(splitsOf(statistics)).toEqual(['test', 'train']);
  });

  it.each([
    [[1], '1 view'],
    [[4], '4 views'],
    [[1, 4], '1 or 4 views'],
    [[], '–'],
    [null, '–'],
  ])('say %j as %s', (views, words) => {
    expect(viewsLabel(views)).toBe(words);
  });
});

describe('a pose map', () => {
  it('has shades by the root of the count, none where no joint was', () => {
    expect(shades([0, 1, 100, 25], 4)).toEqual([[1], [3], [], [2]]);
    expect(shades([0, 0], 2)).toEqual([[], []]);
  });

  it('says where a joint mostly lies', () => {
    // Two by two cells, reaching one torso length: all at the top right.
    expect(spotOf([0, 8, 0, 0], 2, 1)).toEqual({ placed: 8, right: 0.5, up: 0.5, spread: 0 });
    expect(spotOf([4, 4, 0, 0], 2, 1)).toMatchObject({ right: 0, up: 0.5, spread: 0.5 });
    expect(spotOf([0, 0, 0, 0], 2, 1)).toBeNull();
  });
});

describe('saved versions', () => {
  const work = (revisions: number, people: { versions: number }[] | null) =>
    ({
      work: { annotators: 1, revisions, rounds: 1, inspectors: 0, people },
    }) as unknown as Statistics;

  it('say how many are of people and how many of models', () => {
    expect(savedVersions(work(70, [{ versions: 20 }, { versions: 15 }]))).toBe(
      '70 saved versions, 35 by people and 35 by models,',
    );
    expect(savedVersions(work(35, [{ versions: 35 }]))).toBe('35 saved versions');
    expect(savedVersions(work(9, null))).toBe('9 saved versions');
  });
});
