/**
 * Calibrated cameras: the TypeScript twin of `backend/domain/cameras.py`.
 *
 * World: metres, right-handed, z up where a floor is known. Camera: x right, y down, z forward.
 * Image: (0, 0) is the outer corner of the top-left pixel. Held to the Python by
 * `tests/vectors/cameras.json`.
 */
import { MAX_SHAPE_DIFFERENCE } from '@/shared/domain/rules.gen';
import {
  type ImagePoint,
  imagePoint,
  type WorldDirection,
  type WorldPoint,
  worldDirection,
  worldPoint,
} from './points';

export type Lens = 'pinhole' | 'fisheye';

/** A camera as the server writes it: `Camera.to_dict()` in Python. */
export interface Camera {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly lens: Lens;
  /** (3, 3), pixels. */
  readonly K: readonly (readonly number[])[];
  readonly distortion: readonly number[];
  /** (4, 4), takes world points into the camera; null while only the lens is known. */
  readonly T_camera_world: readonly (readonly number[])[] | null;
}

const UNDISTORT_STEPS = 20;
/** Closer than any eye or number in a file can tell. */
const CONVERGED = 1e-14;

type Pair = [number, number];

/** A camera that projects. */
export class CameraModel {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly lens: Lens;
  private readonly k: readonly number[];
  private readonly bends: boolean;
  private readonly fx: number;
  private readonly skew: number;
  private readonly cx: number;
  private readonly fy: number;
  private readonly cy: number;
  /** Rows of the rotation, then the translation. */
  private readonly pose: readonly number[] | null;

  constructor(json: Camera) {
    this.name = json.name;
    this.width = json.width;
    this.height = json.height;
    this.lens = json.lens === 'fisheye' ? 'fisheye' : 'pinhole';
    this.bends = json.distortion.length > 0;
    this.k = Array.from({ length: 8 }, (_, i) => json.distortion[i] ?? 0);
    const entry = (row: number, column: number): number => json.K[row]?.[column] ?? Number.NaN;
    this.fx = entry(0, 0);
    this.skew = entry(0, 1);
    this.cx = entry(0, 2);
    this.fy = entry(1, 1);
    this.cy = entry(1, 2);
    const T = json.T_camera_world;
    const at = (row: number, column: number): number => T?.[row]?.[column] ?? Number.NaN;
    this.pose =
      T === null
        ? null
        : [0, 1, 2]
            .flatMap((r) => [at(r, 0), at(r, 1), at(r, 2)])
            .concat([0, 1, 2].map((r) => at(r, 3)));
  }

  /** Whether its place in the world is known. */
  get placed(): boolean {
    return this.pose !== null;
  }

  /** Where the camera stands. */
  get centre(): WorldPoint {
    const [a, b, c, d, e, f, g, h, i, x, y, z] = this.matrix;
    return worldPoint(-(a * x + d * y + g * z), -(b * x + e * y + h * z), -(c * x + f * y + i * z));
  }

  /** A world point to pixels; null behind the camera. */
  project(point: WorldPoint): ImagePoint | null {
    const pixel = this.projectXyz(point.x, point.y, point.z);
    return pixel === null ? null : imagePoint(pixel[0], pixel[1]);
  }

  /** The same without a wrapping, for loops. */
  projectXyz(x: number, y: number, z: number): Pair | null {
    const [a, b, c, d, e, f, g, h, i, tx, ty, tz] = this.matrix;
    const depth = g * x + h * y + i * z + tz;
    if (!(depth > 1e-6)) return null;
    const [u, v] = this.distort(
      (a * x + b * y + c * z + tx) / depth,
      (d * x + e * y + f * z + ty) / depth,
    );
    return [this.fx * u + this.skew * v + this.cx, this.fy * v + this.cy];
  }

  /** The ideal image plane z = 1 to the bent one. */
  distort(x: number, y: number): Pair {
    const { k } = this;
    if (this.lens === 'fisheye') {
      const r = Math.hypot(x, y);
      if (r <= 1e-9) return [x, y];
      const scale = this.bent(Math.atan(r)) / r;
      return [x * scale, y * scale];
    }
    if (!this.bends) return [x, y];
    const [k1, k2, p1, p2, k3, k4, k5, k6] = k as readonly [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const r2 = x * x + y * y;
    const radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)));
    return [
      x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
      y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
    ];
  }

  /** Pixels to the ideal image plane z = 1. */
  undistort(pixel: { readonly x: number; readonly y: number }): Pair {
    const v = (pixel.y - this.cy) / this.fy;
    const u = (pixel.x - this.cx - this.skew * v) / this.fx;
    if (this.lens === 'fisheye') return this.unbend(u, v);
    if (!this.bends) return [u, v];
    let [x, y] = [u, v];
    for (let step = 0; step < UNDISTORT_STEPS; step++) {
      const [dx, dy] = this.newton(x, y, u, v);
      x += dx;
      y += dy;
      if (Math.abs(dx) + Math.abs(dy) < CONVERGED) break;
    }
    return [x, y];
  }

  /** The direction in the world along which a pixel looks. */
  ray(pixel: { readonly x: number; readonly y: number }): WorldDirection {
    const [u, v] = this.undistort(pixel);
    const [a, b, c, d, e, f, g, h, i] = this.matrix;
    const [x, y, z] = [a * u + d * v + g, b * u + e * v + h, c * u + f * v + i];
    const length = Math.hypot(x, y, z);
    return worldDirection(x / length, y / length, z / length);
  }

  /** Whether a pixel lies on the image. */
  sees(pixel: { readonly x: number; readonly y: number }): boolean {
    return pixel.x >= 0 && pixel.y >= 0 && pixel.x <= this.width && pixel.y <= this.height;
  }

  private get matrix(): readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ] {
    if (this.pose === null) throw new Error(`Camera ${this.name} has no place in the world yet.`);
    return this.pose as ReturnType<() => CameraModel['matrix']>;
  }

  /** How far from the axis a ray of a fisheye lands, by its angle. */
  private bent(theta: number): number {
    const [k1 = 0, k2 = 0, k3 = 0, k4 = 0] = this.k;
    const t2 = theta * theta;
    return theta * (1 + t2 * (k1 + t2 * (k2 + t2 * (k3 + t2 * k4))));
  }

  private unbend(u: number, v: number): Pair {
    const [k1 = 0, k2 = 0, k3 = 0, k4 = 0] = this.k;
    const radius = Math.hypot(u, v);
    const widest = Math.PI / 2 - 1e-3;
    let theta = Math.min(radius, widest);
    for (let step = 0; step < UNDISTORT_STEPS; step++) {
      const t2 = theta * theta;
      const slope = 1 + t2 * (3 * k1 + t2 * (5 * k2 + t2 * (7 * k3 + 9 * t2 * k4)));
      const next = theta - (this.bent(theta) - radius) / Math.max(slope, 0.05);
      theta = Math.min(Math.max(next, 0), widest);
    }
    const scale = radius > 1e-9 ? Math.tan(theta) / radius : 1;
    return [u * scale, v * scale];
  }

  /** One Newton step towards distort(x, y) = (u, v), by central differences. */
  private newton(x: number, y: number, u: number, v: number): Pair {
    const h = 1e-6;
    const [right, left] = [this.distort(x + h, y), this.distort(x - h, y)];
    const [down, up] = [this.distort(x, y + h), this.distort(x, y - h)];
    const here = this.distort(x, y);
    const [xx, xy] = [(right[0] - left[0]) / (2 * h), (right[1] - left[1]) / (2 * h)];
    const [yx, yy] = [(down[0] - up[0]) / (2 * h), (down[1] - up[1]) / (2 * h)];
    const [mx, my] = [u - here[0], v - here[1]];
    let det = xx * yy - xy * yx;
    if (Math.abs(det) < 0.05) det = 0.05;
    return [limited((mx * yy - my * yx) / det), limited((xx * my - xy * mx) / det)];
  }
}

const limited = (step: number): number => Math.min(Math.max(step, -0.5), 0.5);

/** The same camera for images of another size and the same shape; null where the shape differs. */
export function scaledTo(json: Camera, width: number, height: number): Camera | null {
  if (json.width === width && json.height === height) return json;
  const s = width / json.width;
  if (Math.abs((json.height * s) / height - 1) > MAX_SHAPE_DIFFERENCE) return null;
  const K = json.K.map((row, i) => (i < 2 ? row.map((value) => value * s) : row));
  return { ...json, width, height, K };
}
