/**
 * What several calibrated cameras say together: the TypeScript twin of `backend/domain/views.py`
 * (epipolar curves, triangulation, agreement). Hartley and Zisserman, *Multiple View Geometry*,
 * sections 9.2 and 12.2; RANSAC after Fischler and Bolles (1981).
 */
import { MAX_VIEW_ERROR_PX } from '@/shared/domain/rules.gen';
import type { CameraModel } from './cameras';
import { type ImagePoint, imagePoint, type WorldPoint, worldPoint } from './points';

interface Mark {
  readonly x: number;
  readonly y: number;
}

/** One mark per camera; null where a view does not see the point. */
export type Marks = readonly (Mark | null)[];

const EPIPOLAR_SAMPLES = 48;
const NEAR = 0.05;
const FAR = 60;
const REFINE_STEPS = 8;
/** Metres between the two projections of a numerical derivative. */
const H = 1e-5;

/**
 * Where a pixel of one camera can lie in another: the epipolar line, bent by its lens.
 *
 * From near to far, only inside the other image with a margin of half of it; possibly empty.
 */
export function epipolarCurve(
  seen: CameraModel,
  other: CameraModel,
  pixel: Mark,
  samples = EPIPOLAR_SAMPLES,
): ImagePoint[] {
  const { centre } = seen;
  const ray = seen.ray(pixel);
  const kept: [number, number][] = [];
  const tries = samples * 8;
  for (let i = 0; i < tries; i++) {
    // Depth spaced by its inverse: even spacing in the image.
    const depth = 1 / (1 / NEAR + ((1 / FAR - 1 / NEAR) * i) / (tries - 1));
    const at = other.projectXyz(
      centre.x + depth * ray.x,
      centre.y + depth * ray.y,
      centre.z + depth * ray.z,
    );
    if (at === null) continue;
    const inside =
      at[0] > -other.width / 2 &&
      at[0] < 1.5 * other.width &&
      at[1] > -other.height / 2 &&
      at[1] < 1.5 * other.height;
    if (inside) kept.push(at);
  }
  return kept.length <= samples
    ? kept.map(([x, y]) => imagePoint(x, y))
    : evenly(kept, samples).map(([x, y]) => imagePoint(x, y));
}

/** `count` places along a line of points, equally far apart. */
function evenly(points: readonly [number, number][], count: number): [number, number][] {
  const lengths = [0];
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1] as [number, number], points[i] as [number, number]];
    lengths.push((lengths[i - 1] as number) + Math.hypot(b[0] - a[0], b[1] - a[1]));
  }
  const total = lengths.at(-1) as number;
  let at = 0;
  return Array.from({ length: count }, (_, i) => {
    const wanted = (total * i) / (count - 1);
    while (at < points.length - 2 && (lengths[at + 1] as number) < wanted) at++;
    const [a, b] = [points[at] as [number, number], points[at + 1] as [number, number]];
    const step = (lengths[at + 1] as number) - (lengths[at] as number);
    const t = step === 0 ? 0 : Math.min(1, (wanted - (lengths[at] as number)) / step);
    return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
  });
}

/**
 * The point that several cameras see: linear start, then least reprojection error.
 *
 * Null where fewer than two views see it. A weight of 0 leaves a view out.
 */
export function triangulate(
  cameras: readonly CameraModel[],
  marks: Marks,
  weights?: readonly number[],
  steps = REFINE_STEPS,
): WorldPoint | null {
  const used: Used[] = [];
  cameras.forEach((camera, i) => {
    const mark = marks[i] ?? null;
    const weight = weights === undefined ? 1 : (weights[i] ?? 0);
    if (isMark(mark) && weight > 0) used.push({ camera, mark, weight });
  });
  if (used.length < 2) return null;
  let point = intersect(used);
  for (let step = 0; point !== null && step < steps; step++) {
    const next: Vector | null = refine(used, point);
    if (next === null) break;
    const moved = Math.hypot(next[0] - point[0], next[1] - point[1], next[2] - point[2]);
    point = next;
    if (moved < 1e-9) break;
  }
  return point === null ? null : worldPoint(...point);
}

interface Used {
  readonly camera: CameraModel;
  readonly mark: Mark;
  readonly weight: number;
}
type Vector = [number, number, number];

const isMark = (mark: Mark | null): mark is Mark =>
  mark !== null && Number.isFinite(mark.x) && Number.isFinite(mark.y);

/** The point nearest to all rays in the least-squares sense. */
function intersect(used: readonly Used[]): Vector | null {
  const A = new Float64Array(6);
  const b: Vector = [0, 0, 0];
  for (const { camera, mark, weight } of used) {
    const d = camera.ray(mark);
    const c = camera.centre;
    const xx = weight * (1 - d.x * d.x);
    const yy = weight * (1 - d.y * d.y);
    const zz = weight * (1 - d.z * d.z);
    const xy = -weight * d.x * d.y;
    const xz = -weight * d.x * d.z;
    const yz = -weight * d.y * d.z;
    add(A, xx, xy, xz, yy, yz, zz);
    b[0] += xx * c.x + xy * c.y + xz * c.z;
    b[1] += xy * c.x + yy * c.y + yz * c.z;
    b[2] += xz * c.x + yz * c.y + zz * c.z;
  }
  return solve(A, b, 1e-9 * ((A[0] as number) + (A[3] as number) + (A[5] as number)));
}

/** One damped Gauss–Newton step on the weighted squared distances in pixels. */
function refine(used: readonly Used[], [x, y, z]: Vector): Vector | null {
  const A = new Float64Array(6);
  const b: Vector = [0, 0, 0];
  for (const { camera, mark, weight } of used) {
    const here = camera.projectXyz(x, y, z);
    const x1 = camera.projectXyz(x + H, y, z);
    const x0 = camera.projectXyz(x - H, y, z);
    const y1 = camera.projectXyz(x, y + H, z);
    const y0 = camera.projectXyz(x, y - H, z);
    const z1 = camera.projectXyz(x, y, z + H);
    const z0 = camera.projectXyz(x, y, z - H);
    if (!here || !x1 || !x0 || !y1 || !y0 || !z1 || !z0) continue;
    for (const i of [0, 1] as const) {
      const jx = (x1[i] - x0[i]) / (2 * H);
      const jy = (y1[i] - y0[i]) / (2 * H);
      const jz = (z1[i] - z0[i]) / (2 * H);
      const miss = (i === 0 ? mark.x : mark.y) - here[i];
      add(
        A,
        weight * jx * jx,
        weight * jx * jy,
        weight * jx * jz,
        weight * jy * jy,
        weight * jy * jz,
        weight * jz * jz,
      );
      b[0] += weight * jx * miss;
      b[1] += weight * jy * miss;
      b[2] += weight * jz * miss;
    }
  }
  const damping = 1e-6 * ((A[0] as number) + (A[3] as number) + (A[5] as number)) + 1e-9;
  const step = solve(A, b, damping);
  if (step === null) return null;
  const shorter = Math.min(1, 0.5 / Math.max(Math.hypot(...step), 1e-12));
  return [x + step[0] * shorter, y + step[1] * shorter, z + step[2] * shorter];
}

/** The upper triangle of a symmetric matrix: xx, xy, xz, yy, yz, zz. */
function add(
  A: Float64Array,
  xx: number,
  xy: number,
  xz: number,
  yy: number,
  yz: number,
  zz: number,
): void {
  A[0] = (A[0] as number) + xx;
  A[1] = (A[1] as number) + xy;
  A[2] = (A[2] as number) + xz;
  A[3] = (A[3] as number) + yy;
  A[4] = (A[4] as number) + yz;
  A[5] = (A[5] as number) + zz;
}

/** (A + damping · 1) x = b for a symmetric 3×3 matrix, by cofactors. */
function solve(A: Float64Array, b: Vector, damping: number): Vector | null {
  const [a, d, e, f, g, h] = [
    (A[0] as number) + damping,
    A[1] as number,
    A[2] as number,
    (A[3] as number) + damping,
    A[4] as number,
    (A[5] as number) + damping,
  ];
  const [c0, c1, c2] = [f * h - g * g, e * g - d * h, d * g - e * f];
  const det = a * c0 + d * c1 + e * c2;
  if (!Number.isFinite(det) || det === 0) return null;
  const [c3, c4, c5] = [a * h - e * e, d * e - a * g, a * f - d * d];
  return [
    (c0 * b[0] + c1 * b[1] + c2 * b[2]) / det,
    (c1 * b[0] + c3 * b[1] + c4 * b[2]) / det,
    (c2 * b[0] + c4 * b[1] + c5 * b[2]) / det,
  ];
}

/** Pixels from each mark to the projected point; null without a mark or behind the camera. */
function reprojectionErrors(
  cameras: readonly CameraModel[],
  point: WorldPoint | null,
  marks: Marks,
): (number | null)[] {
  return cameras.map((camera, i) => {
    const mark = marks[i] ?? null;
    const at = point === null ? null : camera.projectXyz(point.x, point.y, point.z);
    return at === null || !isMark(mark) ? null : Math.hypot(at[0] - mark.x, at[1] - mark.y);
  });
}

/** What several views say of one point. */
export interface Agreement {
  /** Null where fewer than two views see it. */
  readonly point: WorldPoint | null;
  /** Pixels from each view's mark to the projected point; null without a mark. */
  readonly errors: readonly (number | null)[];
  /** Whether a view agrees. */
  readonly inliers: readonly boolean[];
}

/**
 * RANSAC over views: the point on which most views agree, and which views do not.
 *
 * With the few cameras of a recording every pair is tried. The pair with most agreeing views wins,
 * the least summed error among equals; with four marks or more and no majority nobody is named
 * (all marks count as disagreeing).
 */
export function agree(
  cameras: readonly CameraModel[],
  marks: Marks,
  weights?: readonly number[],
  thresholdPx = MAX_VIEW_ERROR_PX,
): Agreement {
  const trust = cameras.map((_, i) => (weights === undefined ? 1 : Math.max(weights[i] ?? 0, 0)));
  const marked = cameras.map((_, i) => isMark(marks[i] ?? null) && (trust[i] as number) > 0);
  const seen = cameras.flatMap((_, i) => (marked[i] ? [i] : []));
  let best: { count: number; sum: number; inliers: boolean[] } | null = null;
  seen.forEach((a, n) => {
    for (const b of seen.slice(n + 1)) {
      const pair = trust.map((w, i) => (i === a || i === b ? w : 0));
      const errors = reprojectionErrors(cameras, triangulate(cameras, marks, pair), marks);
      const inliers = errors.map((e, i) => marked[i] === true && e !== null && e <= thresholdPx);
      const count = inliers.filter(Boolean).length;
      const sum = errors.reduce<number>((s, e, i) => s + (inliers[i] ? (e ?? 0) : 0), 0);
      const better =
        best === null || count > best.count || (count === best.count && sum < best.sum);
      if (count >= 2 && better) best = { count, sum, inliers };
    }
  });
  const found = best as { count: number; sum: number; inliers: boolean[] } | null;
  if (found === null || (seen.length >= 4 && found.count * 2 <= seen.length)) {
    const point = triangulate(cameras, marks, trust);
    const errors = reprojectionErrors(cameras, point, marks);
    return { point, errors, inliers: cameras.map(() => false) };
  }
  const weighed = trust.map((w, i) => (found.inliers[i] ? w : 0));
  const point = triangulate(cameras, marks, weighed);
  return { point, errors: reprojectionErrors(cameras, point, marks), inliers: found.inliers };
}

/** What a mark is worth in one view, as `backend/domain/agreement.py` has it. */
export const TRUST = { none: 0, occluded: 1, visible: 2, confirmed: 3 } as const;
export type Trust = (typeof TRUST)[keyof typeof TRUST];

/** On which point the views agree, and which marks lie too far from it. */
export interface TrustedAgreement {
  readonly point: WorldPoint | null;
  readonly errors: readonly (number | null)[];
  /** Whether at least two views agree. */
  readonly agreed: boolean;
  /** Marks too far from the point, or all of them where no two views agree. */
  readonly disagrees: readonly boolean[];
}

/**
 * Joints that a person confirmed count first, where two views have them; else all that are visible;
 * else occluded ones too. Of those, as many views as possible must agree.
 */
export function agreeByTrust(
  cameras: readonly CameraModel[],
  marks: Marks,
  trust: readonly Trust[],
  thresholdPx = MAX_VIEW_ERROR_PX,
): TrustedAgreement {
  const known = marks.map((mark, i) => ((trust[i] ?? 0) > 0 && isMark(mark) ? mark : null));
  let point: WorldPoint | null = null;
  let agreed = false;
  for (const level of [TRUST.confirmed, TRUST.visible, TRUST.occluded]) {
    const used = known.map((mark, i) => (mark !== null && (trust[i] ?? 0) >= level ? 1 : 0));
    if (used.filter((w) => w > 0).length < 2) continue;
    const found = agree(cameras, known, used, thresholdPx);
    agreed = found.inliers.some(Boolean);
    if (point === null || agreed) point = found.point;
    if (agreed) break;
  }
  const errors = reprojectionErrors(cameras, point, known);
  const several = known.filter((mark) => mark !== null).length >= 2;
  const disagrees = known.map((mark, i) => {
    if (mark === null || !several) return false;
    const error = errors[i] ?? null;
    return !agreed || error === null || error > thresholdPx;
  });
  return { point, errors, agreed, disagrees };
}
