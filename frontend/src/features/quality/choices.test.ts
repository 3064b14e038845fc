import { describe, expect, test } from 'vitest';
import { bodyOf, type Choices, leftOf, proposed, resultOf, rowsOf, takenForRest } from './choices';

const skeleton = (moved: Record<number, { x?: number; y?: number; v?: 0 | 1 | 2 }> = {}) =>
  Array.from({ length: 17 }, (_, i) => ({ x: 10 * i, y: 5, v: 2 as 0 | 1 | 2, ...moved[i] }));
const answer = (joints: ReturnType<typeof skeleton>) => ({
  person: { id: 1, name: 'A' },
  verdict: 'keep' as const,
  reason: null,
  reason_text: null,
  joints,
});
const pair = {
  first: answer(skeleton()),
  second: answer(skeleton({ 3: { x: 33 }, 7: { x: 100 }, 9: { v: 1 }, 12: { x: 0, y: 0, v: 0 } })),
};

describe('Two answers to one frame', () => {
  const rows = rowsOf(pair);

  test('show what only one of them placed first, then what lies farthest apart', () => {
    expect(rows.slice(0, 3).map(({ joint }) => joint)).toEqual([12, 7, 3]);
  });

  test('are one where they nearly agree', () => {
    expect([...proposed(rows)]).toEqual([[3, { take: 'mean' }]]);
    expect(leftOf(rows, proposed(rows)).map(({ joint }) => joint)).toEqual([12, 7, 9]);
  });

  test('have no mean where only one placed the joint', () => {
    expect(rows.find(({ joint }) => joint === 12)?.mayMean).toBe(false);
  });

  test('are decided for one person in one act, but for what was decided before', () => {
    const before: Choices = new Map([[7, { take: 'mean' }]]);
    expect(takenForRest(rows, before, 'second')).toEqual(
      new Map([
        [7, { take: 'mean' }],
        [12, { take: 'second' }],
        [3, { take: 'second' }],
        [9, { take: 'second' }],
      ]),
    );
  });

  test('keep joints that only one placed undecided when means are taken', () => {
    const choices = takenForRest(rows, new Map(), 'mean');
    expect(leftOf(rows, choices).map(({ joint }) => joint)).toEqual([12]);
  });

  test('become what was chosen', () => {
    const of = (joint: number) => rows.find((row) => row.joint === joint) ?? rows[0];
    const row = of(7);
    if (row === undefined) throw new Error('there is no row');
    expect(resultOf(row, undefined)).toBeNull();
    expect(resultOf(row, { take: 'second' })).toEqual({ x: 100, y: 5, v: 2 });
    expect(resultOf(row, { take: 'mean' })).toEqual({ x: 85, y: 5, v: 2 });
    const seen = of(9);
    if (seen === undefined) throw new Error('there is no row');
    expect(resultOf(seen, { take: 'mean' })?.v).toBe(1);
  });

  test('are sent joint by joint, with a place only where it is new', () => {
    const choices: Choices = new Map([
      [7, { take: 'new', x: 1, y: 2, v: 1 }],
      [3, { take: 'mean' }],
    ]);
    expect(bodyOf({ operationId: 'o', version: 4, verdict: 'first', choices })).toEqual({
      operation_id: 'o',
      version: 4,
      verdict: 'first',
      choices: [
        { joint: 7, take: 'new', x: 1, y: 2, v: 1 },
        { joint: 3, take: 'mean' },
      ],
    });
  });
});
