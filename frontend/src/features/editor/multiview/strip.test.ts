import { describe, expect, it } from 'vitest';
import type { ViewErrors } from '@/shared/api/types';
import { plotOf } from './strip';

describe('the plot of errors', () => {
  const data: ViewErrors = {
    joints: 2,
    threshold_px: 15,
    cameras: [7, 8],
    moments: [
      {
        id: 1,
        index: 0,
        time_s: 0,
        errors: [
          [1, 2],
          [3, null],
        ],
        disagrees: [],
      },
      {
        id: 2,
        index: 1,
        time_s: 1,
        errors: [
          [40, 9],
          [2, 50],
        ],
        disagrees: [[7, 0]],
      },
    ],
  };

  it('shows the worst camera of a joint', () => {
    const plot = plotOf(data, 'joint', null);
    expect([plot.rows, plot.columns]).toEqual([2, 2]);
    expect(plot.cell(0, 0)).toEqual({ error: 3, disagrees: false, joint: 0, view: 1 });
    expect(plot.cell(1, 1)).toEqual({ error: 50, disagrees: false, joint: 1, view: 1 });
  });

  it('shows one camera alone', () => {
    expect(plotOf(data, 'joint', 1).cell(0, 1).error).toBe(2);
    expect(plotOf(data, 'joint', 1).cell(1, 0).error).toBeNull();
  });

  it('shows the worst joint of a camera, what disagrees before all', () => {
    expect(plotOf(data, 'view', null).cell(0, 1)).toEqual({
      error: 40,
      disagrees: true,
      joint: 0,
      view: 0,
    });
  });
});
