import { Matrix4 } from 'three';

type Three = [number, number, number];

/** Takes the unit ball to the ellipsoid `radius` standard deviations around the origin. */
export function ellipsoid(covariance: readonly number[], radius: number): Matrix4 {
  const L = cholesky(covariance).map((row) => row.map((v) => v * radius)) as [Three, Three, Three];
  return new Matrix4().set(...L[0], 0, ...L[1], 0, ...L[2], 0, 0, 0, 0, 1);
}

/**
 * Lower triangle L with L·Lᵀ = the covariance: any such L takes the unit ball to its ellipsoid, so
 * that no axes need to be found.
 */
export function cholesky([xx = 0, xy = 0, xz = 0, yy = 0, yz = 0, zz = 0]: readonly number[]): [
  Three,
  Three,
  Three,
] {
  const a = Math.sqrt(Math.max(xx, 1e-12));
  const b = xy / a;
  const c = xz / a;
  const d = Math.sqrt(Math.max(yy - b * b, 1e-12));
  const e = (yz - b * c) / d;
  const f = Math.sqrt(Math.max(zz - c * c - e * e, 1e-12));
  return [
    [a, 0, 0],
    [b, d, 0],
    [c, e, f],
  ];
}
