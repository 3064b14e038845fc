import { describe, expect, it } from 'vitest';
import { type CurveRow, lossLines, rangeOf, scoreLines } from './curves';

const ROWS: CurveRow[] = [
  { epoch: 0, step: 0, scores: { AP: 0.1, OKS: 0.4 } },
  { epoch: 1, step: 5, losses: { loss: 3, loss_a: 2, loss_b: 1, overlaps: 40 }, rate: 0.1 },
  { epoch: 1, step: 10, losses: { loss: 1.5, loss_a: 1, loss_b: 0.5 }, rate: 0.1 },
  { epoch: 1, step: 10, scores: { AP: 0.2, OKS: 0.5 } },
];

describe('curves of a run', () => {
  it('have a line for each loss and each score', () => {
    expect(lossLines(ROWS).map((line) => line.name)).toEqual(['loss', 'loss_a', 'loss_b']);
    expect(scoreLines(ROWS)[0]?.points).toEqual([
      { x: 0, y: 0.1 },
      { x: 10, y: 0.2 },
    ]);
  });

  it('do not say the same twice where there is one loss', () => {
    const rows = [{ epoch: 1, step: 1, losses: { loss: 2, loss_a: 2 } }];
    expect(lossLines(rows).map((line) => line.name)).toEqual(['loss']);
  });

  it('leave room around a single value', () => {
    expect(rangeOf(lossLines([{ epoch: 1, step: 1, losses: { loss: 2 } }]), 'y')).toEqual([1, 3]);
    expect(rangeOf([], 'y')).toEqual([0, 1]);
  });
});
