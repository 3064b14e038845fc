import { describe, expect, it } from 'vitest';
import { arrange } from './arrange';

describe('the panes', () => {
  const images = Array.from({ length: 4 }, () => ({ width: 1080, height: 1920 }));
  const space = { width: 1088, height: 700 };

  it('put four portrait images into one row', () => {
    const tops = new Set(arrange('grid', images, 0, space).map(({ y }) => y));
    expect(tops.size).toBe(1);
  });

  it('never overlap, and one is larger', () => {
    const rectangles = arrange('beside', images, 2, space);
    const [a, b] = [rectangles[2], rectangles[0]];
    expect((a?.width ?? 0) * (a?.height ?? 0)).toBeGreaterThan((b?.width ?? 0) * (b?.height ?? 0));
    rectangles.forEach((one, i) => {
      for (const other of rectangles.slice(i + 1)) {
        const apart =
          one.x + one.width <= other.x + 0.5 ||
          other.x + other.width <= one.x + 0.5 ||
          one.y + one.height <= other.y + 0.5 ||
          other.y + other.height <= one.y + 0.5;
        expect(apart).toBe(true);
      }
    });
  });
});
