import { describe, expect, it } from 'vitest';
import { insetOf, reveal, toPicture, wholeIn, within, zoomAt } from './pictureView';

const PICTURE = { width: 1000, height: 500 };
const WINDOW = { width: 500, height: 500 };

describe('photos of another size', () => {
  it('trims a few columns on both sides', () => {
    const camera = { width: 1080, height: 1920 };
    expect(insetOf({ width: 1088, height: 1920 }, camera)).toEqual({ factor: 1, x: -4, y: 0 });
  });

  it('enlarges smaller photos of the same shape', () => {
    expect(insetOf({ width: 500, height: 250 }, PICTURE)).toEqual({ factor: 2, x: 0, y: 0 });
  });

  it('refuses another shape', () => {
    expect(insetOf({ width: 640, height: 480 }, PICTURE)).toBeNull();
  });
});

describe('the picture in its window', () => {
  it('fits and lies in the middle', () => {
    expect(wholeIn(PICTURE, WINDOW)).toEqual({ zoom: 0.5, left: 0, top: 125 });
  });

  it('stays under the pointer while it is zoomed', () => {
    const view = wholeIn(PICTURE, WINDOW);
    const before = toPicture(view, 100, 200);
    const after = toPicture(zoomAt(view, 3, 100, 200, PICTURE, WINDOW), 100, 200);
    expect(after[0]).toBeCloseTo(before[0]);
    expect(after[1]).toBeCloseTo(before[1]);
  });

  it('fits again when it is made smaller than that', () => {
    const large = zoomAt(wholeIn(PICTURE, WINDOW), 3, 0, 0, PICTURE, WINDOW);
    expect(zoomAt(large, 0.01, 0, 0, PICTURE, WINDOW)).toEqual(wholeIn(PICTURE, WINDOW));
  });

  it('comes to where the chosen point is', () => {
    const view = { zoom: 4, left: 0, top: 0 };
    const shown = reveal(view, [900, 400], WINDOW);
    expect(toPicture(shown, 250, 250)).toEqual([900, 400]);
    expect(reveal(view, [50, 50], WINDOW)).toBe(view);
  });

  it('keeps points inside, to a hundredth of a pixel', () => {
    expect(within([1200, 33.3333], PICTURE)).toEqual([1000, 33.33]);
  });
});
