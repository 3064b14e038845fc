import { describe, expect, it } from 'vitest';
import { cropTo } from './crop';

const at = (points: readonly (readonly [number, number])[]) => ({
  width: 640,
  height: 480,
  joints: points.flatMap(([x, y]) => [x, y, 2]),
});

describe('the part of a picture that shows the infant', () => {
  it('holds all joints with room around them, in the shape that is asked for', () => {
    const crop = cropTo(at([[300, 200], [400, 330]]), 4 / 3); // biome-ignore format: a line
    expect(crop.width / crop.height).toBeCloseTo(4 / 3);
    expect(crop.x).toBeLessThan(300);
    expect(crop.x + crop.width).toBeGreaterThan(400);
    expect(crop.y).toBeLessThan(200);
    expect(crop.y + crop.height).toBeGreaterThan(330);
  });

  it('stays inside the picture, also for joints at its corner or beyond', () => {
    const crop = cropTo(at([[600, 440], [700, 500]]), 4 / 3); // biome-ignore format: a line
    expect(crop.x + crop.width).toBeLessThanOrEqual(640.001);
    expect(crop.y + crop.height).toBeLessThanOrEqual(480.001);
  });

  it('is the whole picture where nobody is', () => {
    expect(cropTo({ width: 640, height: 480, joints: null }, 4 / 3)).toEqual({
      x: 0,
      y: 0,
      width: 640,
      height: 480,
    });
  });

  it('enlarges an infant far away only so far', () => {
    expect(cropTo(at([[100, 100], [104, 103]]), 4 / 3).width).toBe(160); // biome-ignore format: a line
  });
});
