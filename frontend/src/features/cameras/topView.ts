/** Cameras seen from above: where they stand and look, in metres, and how large to draw them. */
import type { CalibratedCamera, Vec3 } from './queries';

export interface Standing {
  cameraId: number;
  name: string;
  /** Metres, world; z is height. */
  centre: Vec3;
  /** Unit vector along which it looks. */
  forward: Vec3;
  /** Half of its horizontal angle of view, radians. */
  halfAngle: number;
}

/** Where a placed camera stands; null for one of which only the lens is known. */
export function standing(camera: CalibratedCamera): Standing | null {
  const T = camera.T_camera_world;
  if (!T) return null;
  const at = (row: number, column: number) => T[row]?.[column] ?? 0;
  const axis = (c: number) => -(at(0, c) * at(0, 3) + at(1, c) * at(1, 3) + at(2, c) * at(2, 3));
  const focal = camera.K[0]?.[0] ?? camera.width;
  const half = camera.width / 2 / focal;
  return {
    cameraId: camera.camera_id,
    name: camera.name,
    centre: [axis(0), axis(1), axis(2)],
    forward: [at(2, 0), at(2, 1), at(2, 2)],
    // A fisheye's angle grows with the distance from the centre, a pinhole's tangent does.
    halfAngle: Math.min(camera.lens === 'fisheye' ? half : Math.atan(half), Math.PI / 2),
  };
}

export interface Extent {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

/** What must be on the drawing: all cameras, what they look at, the origin; with some air. */
export function extentOf(places: readonly Vec3[], air = 0.6): Extent {
  const xs = [0, ...places.map((p) => p[0])];
  const ys = [0, ...places.map((p) => p[1])];
  const width = Math.max(...xs) - Math.min(...xs);
  const height = Math.max(...ys) - Math.min(...ys);
  const margin = Math.max(air, 0.18 * Math.max(width, height));
  return {
    left: Math.min(...xs) - margin,
    right: Math.max(...xs) + margin,
    bottom: Math.min(...ys) - margin,
    top: Math.max(...ys) + margin,
  };
}

const STEPS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20];

/** Distance of grid lines: at most about eight across. */
export function gridStep({ left, right, bottom, top }: Extent): number {
  const across = Math.max(right - left, top - bottom);
  return STEPS.find((step) => across / step <= 8) ?? across / 8;
}

export function gridLines(from: number, to: number, step: number): number[] {
  const lines: number[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i += 1) lines.push(i * step);
  return lines;
}

/** The point at which the middle of all views comes nearest; null for views that are parallel. */
export function lookedAt(cameras: readonly Standing[]): [number, number] | null {
  // Least squares on the distances from the viewing lines in the plane.
  let [a, b, c, u, v] = [0, 0, 0, 0, 0];
  for (const { centre, forward } of cameras) {
    const length = Math.hypot(forward[0], forward[1]);
    if (length < 0.05) continue;
    const [nx, ny] = [-forward[1] / length, forward[0] / length];
    const d = nx * centre[0] + ny * centre[1];
    a += nx * nx;
    b += nx * ny;
    c += ny * ny;
    u += nx * d;
    v += ny * d;
  }
  const det = a * c - b * b;
  if (Math.abs(det) < 1e-3) return null;
  return [(c * u - b * v) / det, (a * v - b * u) / det];
}
