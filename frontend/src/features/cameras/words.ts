/** Numbers of calibrations in words. */

import { humanise } from '@/shared/domain/words';
import type { CalibratedCamera } from './queries';

export function px(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} px`;
}

export function metres(value: number): string {
  return `${value.toFixed(2)} m`;
}

/** Horizontal angle of view in whole degrees. */
export function fieldOfView({ K, width, lens }: CalibratedCamera): number {
  const half = width / 2 / (K[0]?.[0] ?? width);
  const angle = lens === 'fisheye' ? 2 * half : 2 * Math.atan(half);
  return Math.round((angle * 180) / Math.PI);
}

/** How well a placed camera's centre and orientation are known; null where nobody worked it out. */
export function spreadOf(
  camera: CalibratedCamera,
): { millimetres: number; degrees: number } | null {
  const [C, T] = [camera.covariance?.pose, camera.T_camera_world];
  if (!C || !T) return null;
  const at = (i: number, j: number) => C[i]?.[j] ?? 0;
  const [x = 0, y = 0, z = 0] = [T[0]?.[3], T[1]?.[3], T[2]?.[3]];
  // The centre moves by τ + t × ω for a small turn ω and translation τ.
  const J = [
    [0, -z, y, 1, 0, 0],
    [z, 0, -x, 0, 1, 0],
    [-y, x, 0, 0, 0, 1],
  ];
  let variance = 0;
  for (const row of J)
    row.forEach((a, i) => {
      row.forEach((b, j) => {
        variance += a * b * at(i, j);
      });
    });
  const turn = at(0, 0) + at(1, 1) + at(2, 2);
  return {
    millimetres: 1000 * Math.sqrt(Math.max(0, variance) / 3),
    degrees: (Math.sqrt(Math.max(0, turn) / 3) * 180) / Math.PI,
  };
}

/** The server's reasons are sentences; a bare word of a newer one is made readable. */
export function reasonWords(reason: string): string {
  return /\s/.test(reason) ? reason : humanise(reason);
}
