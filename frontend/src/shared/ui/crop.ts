/** Which part of a picture shows the infant. */

export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Pictured {
  readonly width: number;
  readonly height: number;
  readonly joints: readonly number[] | null;
}

/** Room around the joints, as a share of their extent: the body goes on beyond them. */
const ROOM = 0.3;
/** A picture is never enlarged more than this: a small one has nothing more to show. */
const LEAST_SHARE = 0.25;

/** The joints with some room, as wide and high as asked for; all of it where nobody is. */
export function cropTo({ width, height, joints }: Pictured, aspect: number): Crop {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; joints !== null && i < joints.length; i += 3) {
    if ((joints[i + 2] ?? 0) === 0) continue;
    xs.push(Math.min(Math.max(joints[i] ?? 0, 0), width));
    ys.push(Math.min(Math.max(joints[i + 1] ?? 0, 0), height));
  }
  if (xs.length < 2) return { x: 0, y: 0, width, height };
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const wide = (right - left) * (1 + 2 * ROOM);
  const high = (bottom - top) * (1 + 2 * ROOM);
  const least = LEAST_SHARE * width;
  const w = Math.min(Math.max(wide, high * aspect, least), width, height * aspect);
  const h = w / aspect;
  const within = (middle: number, side: number, whole: number): number =>
    Math.min(Math.max(middle - side / 2, 0), Math.max(0, whole - side));
  return {
    x: within((left + right) / 2, w, width),
    y: within((top + bottom) / 2, h, height),
    width: w,
    height: h,
  };
}
