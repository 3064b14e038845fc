import type { BoardFrame } from './queries';

export interface Window {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How much is seen around the infant, as a share of its size. */
const MARGIN = 0.2;
/** A prediction farther from the box than this many times its size does not widen the view. */
const FAR = 1;

/** The part of an image with the true box and the predicted joints near it, in one proportion. */
export function windowOf(frame: BoardFrame, ratio: number): Window {
  const [left = 0, top = 0, width = 0, height = 0] = frame.box;
  const size = Math.max(width, height, 1);
  let [x0, y0, x1, y1] = [left, top, left + width, top + height];
  for (let i = 0; i + 1 < (frame.joints?.length ?? 0); i += 2) {
    const px = frame.joints?.[i] ?? Number.NaN;
    const py = frame.joints?.[i + 1] ?? Number.NaN;
    const near =
      px > left - FAR * size &&
      px < left + width + FAR * size &&
      py > top - FAR * size &&
      py < top + height + FAR * size;
    if (!near) continue;
    [x0, y0, x1, y1] = [Math.min(x0, px), Math.min(y0, py), Math.max(x1, px), Math.max(y1, py)];
  }
  const pad = MARGIN * size;
  let w = x1 - x0 + 2 * pad;
  let h = y1 - y0 + 2 * pad;
  if (w / h < ratio) w = h * ratio;
  else h = w / ratio;
  return { x: (x0 + x1 - w) / 2, y: (y0 + y1 - h) / 2, width: w, height: h };
}

export interface Point {
  x: number;
  y: number;
}

/** True joints; null where one is not present. */
export const truthOf = (frame: BoardFrame): (Point | null)[] =>
  Array.from({ length: 17 }, (_, i) =>
    frame.truth[3 * i + 2] ? { x: frame.truth[3 * i] ?? 0, y: frame.truth[3 * i + 1] ?? 0 } : null,
  );

/** Predicted joints; null where nobody was predicted. */
export const predictionOf = (frame: BoardFrame): (Point | null)[] =>
  Array.from({ length: 17 }, (_, i) =>
    frame.joints ? { x: frame.joints[2 * i] ?? 0, y: frame.joints[2 * i + 1] ?? 0 } : null,
  );

/** Pixels between a true joint and its prediction; null without either. */
export function distanceOf(frame: BoardFrame, joint: number): number | null {
  const [a, b] = [truthOf(frame)[joint], predictionOf(frame)[joint]];
  return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : null;
}
