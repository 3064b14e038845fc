import { describe, expect, it } from 'vitest';
import type { CalibratedCamera } from './queries';
import { extentOf, gridLines, gridStep, lookedAt, type Standing, standing } from './topView';

/** Stands at (2, 0, 1) and looks along −x: its x axis is world y, its y axis down. */
const CAMERA: CalibratedCamera = {
  camera_id: 5,
  name: 'left',
  width: 1000,
  height: 500,
  lens: 'pinhole',
  K: [
    [500, 0, 500],
    [0, 500, 250],
    [0, 0, 1],
  ],
  distortion: [],
  T_camera_world: [
    [0, 1, 0, 0],
    [0, 0, -1, 1],
    [-1, 0, 0, 2],
    [0, 0, 0, 1],
  ],
  rms_px: null,
};

describe('cameras from above', () => {
  it('finds where a camera stands and looks', () => {
    const found = standing(CAMERA) as Standing;
    for (const [i, value] of [2, 0, 1].entries()) expect(found.centre[i]).toBeCloseTo(value);
    for (const [i, value] of [-1, 0, 0].entries()) expect(found.forward[i]).toBeCloseTo(value);
    expect(found.halfAngle).toBeCloseTo(Math.PI / 4);
  });

  it('leaves out a camera without a place', () => {
    expect(standing({ ...CAMERA, T_camera_world: null })).toBeNull();
  });

  it('finds what two cameras look at', () => {
    const a = standing(CAMERA) as Standing;
    const b: Standing = { ...a, centre: [0, 3, 1], forward: [0, -1, 0] };
    const at = lookedAt([a, b]);
    expect(at?.[0]).toBeCloseTo(0);
    expect(at?.[1]).toBeCloseTo(0);
    expect(lookedAt([a, a])).toBeNull();
  });

  it('draws a grid of round distances that are not too dense', () => {
    const extent = extentOf([
      [3, 2, 1],
      [-3, -2, 1],
    ]);
    expect(gridStep(extent)).toBe(2);
    expect(gridLines(-1.2, 2.1, 1)).toEqual([-1, 0, 1, 2]);
  });
});
