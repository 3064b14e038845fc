/** Joints and parts of pictures in image pixels. */

export interface Joint {
  x: number;
  y: number;
  /** 0 not present, 1 occluded, 2 visible. */
  v: number;
}

/** A part of a picture. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function jointsOf(keypoints: readonly number[]): Joint[] {
  const joints: Joint[] = [];
  for (let i = 0; i + 2 < keypoints.length; i += 3) {
    const [x = 0, y = 0, v = 0] = keypoints.slice(i, i + 3);
    joints.push({ x, y, v });
  }
  return joints;
}

/**
 * The part of a picture that holds all that is given, with a margin, in a shape of `aspect` (width
 * by height), inside the picture where it fits.
 */
export function regionAround(
  parts: readonly Region[],
  image: { width: number; height: number },
  aspect: number,
  margin = 0.15,
): Region {
  if (!parts.length) return { x: 0, y: 0, ...image };
  const left = Math.min(...parts.map((part) => part.x));
  const top = Math.min(...parts.map((part) => part.y));
  const right = Math.max(...parts.map((part) => part.x + part.width));
  const bottom = Math.max(...parts.map((part) => part.y + part.height));
  const side = (1 + 2 * margin) * Math.max((right - left) / aspect, bottom - top, 16);
  const [width, height] = [side * aspect, side];
  const within = (middle: number, size: number, whole: number) =>
    size >= whole ? (whole - size) / 2 : Math.min(Math.max(middle - size / 2, 0), whole - size);
  return {
    x: within((left + right) / 2, width, image.width),
    y: within((top + bottom) / 2, height, image.height),
    width,
    height,
  };
}

/** The smallest part that holds the joints that are there; null without any. */
export function extentOf(keypoints: readonly number[] | null): Region | null {
  const placed = jointsOf(keypoints ?? []).filter((joint) => joint.v > 0);
  if (!placed.length) return null;
  const [xs, ys] = [placed.map((joint) => joint.x), placed.map((joint) => joint.y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
