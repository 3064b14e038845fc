// biome-ignore-all lint/style/noNonNullAssertion: indices are in range by construction

import { type Camera, CameraModel } from '@/shared/geometry/cameras';

/** Projection of many points at once, with their depth, into one array. */
export class Projector {
  private readonly model: CameraModel;
  private readonly T: readonly number[];
  private readonly K: readonly [number, number, number, number, number];
  private readonly farthest: number;

  /** @throws Error when the camera has no place in the world. */
  constructor(readonly camera: Camera) {
    if (!camera.T_camera_world) throw new Error(`${camera.name} has no place in the world.`);
    this.model = new CameraModel(camera);
    this.T = camera.T_camera_world.slice(0, 3).flat();
    const [top, middle] = camera.K;
    this.K = [top![0]!, top![1]!, top![2]!, middle![1]!, middle![2]!];
    this.farthest = this.reach();
  }

  /** The direction in the world in which the camera looks. */
  get forward(): [number, number, number] {
    return [this.T[8]!, this.T[9]!, this.T[10]!];
  }

  /**
   * Writes x, y (pixels) and depth (metres in front of the camera) per point into `out`; three NaN
   * for points behind the camera, or so far outside of the picture that the lens model, a
   * polynomial, says nothing about them.
   *
   * @returns how many points are NaN.
   */
  project(points: ArrayLike<number>, out: Float32Array): number {
    const T = this.T;
    const [fx, skew, cx, fy, cy] = this.K;
    const limit = this.farthest * this.farthest;
    let lost = 0;
    for (let i = 0; i + 2 < points.length; i += 3) {
      const X = points[i]!;
      const Y = points[i + 1]!;
      const Z = points[i + 2]!;
      const z = T[8]! * X + T[9]! * Y + T[10]! * Z + T[11]!;
      const x = (T[0]! * X + T[1]! * Y + T[2]! * Z + T[3]!) / z;
      const y = (T[4]! * X + T[5]! * Y + T[6]! * Z + T[7]!) / z;
      if (!(z > 1e-6) || x * x + y * y > limit) {
        out[i] = out[i + 1] = out[i + 2] = Number.NaN;
        lost += 1;
        continue;
      }
      const bent = this.model.distort(x, y);
      out[i] = fx * bent[0] + skew * bent[1] + cx;
      out[i + 1] = fy * bent[1] + cy;
      out[i + 2] = z;
    }
    return lost;
  }

  /**
   * Distance from the middle of the plane z = 1 up to which the radial polynomial grows: beyond,
   * points would fold back into the picture.
   */
  private reach(): number {
    const { lens, distortion } = this.camera;
    if (lens === 'fisheye' || distortion.every((k) => k === 0)) return Number.POSITIVE_INFINITY;
    const tangential = 3 * (distortion[3] ?? 0);
    let before = 0;
    for (let r = 0.02; r < 20; r *= 1.03) {
      const bent = this.model.distort(r, 0)[0] - tangential * r * r;
      if (bent <= before) return r;
      before = bent;
    }
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * A camera for an image of which nothing is known, as `assumed_camera` in backend/domain/cameras.py:
 * its focal length is 1.2 × the longer side, and it stands at the origin.
 */
export function assumedCamera(name: string, width: number, height: number): Camera {
  const focal = 1.2 * Math.max(width, height);
  return {
    name,
    width,
    height,
    lens: 'pinhole',
    K: [
      [focal, 0, width / 2],
      [0, focal, height / 2],
      [0, 0, 1],
    ],
    distortion: [],
    T_camera_world: [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ],
  };
}
