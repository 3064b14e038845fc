// biome-ignore-all lint/style/noNonNullAssertion: indices are in range by construction

import type { BodyMesh } from './model';

/** Where a body is: 24 axis-angles (radians), its size, and its pelvis in the world (metres). */
export interface Placement {
  pose: ArrayLike<number>;
  scale: number;
  translation: ArrayLike<number>;
}

/** What one posing of a body writes into, so that scrubbing allocates nothing. */
export class PosedBody {
  /** x, y, z per vertex in the world, metres. */
  readonly positions: Float32Array;
  /** Unit normals per vertex in the world. */
  readonly normals: Float32Array;
  /** The rig's joints in the world. */
  readonly joints: Float32Array;
  /** Row-major 3×4 per joint, from the rest body to the posed one. */
  private readonly transforms: Float64Array;

  constructor(readonly mesh: BodyMesh) {
    this.positions = new Float32Array(mesh.rest.length);
    this.normals = new Float32Array(mesh.rest.length);
    this.joints = new Float32Array(mesh.restJoints.length);
    this.transforms = new Float64Array(mesh.parents.length * 12);
  }

  /** Linear blend skinning, then scale about the pelvis, then translation. */
  pose(placement: Placement): this {
    jointTransforms(this.mesh, placement.pose, this.transforms);
    this.placeJoints(placement);
    this.skin(placement);
    vertexNormals(this.mesh.faces, this.positions, this.normals);
    return this;
  }

  private placeJoints({ scale, translation }: Placement): void {
    const { restJoints: rest, parents } = this.mesh;
    for (let k = 0; k < parents.length; k++) {
      for (let axis = 0; axis < 3; axis++) {
        const row = 12 * k + 4 * axis;
        const t = this.transforms;
        const at =
          t[row]! * rest[3 * k]! +
          t[row + 1]! * rest[3 * k + 1]! +
          t[row + 2]! * rest[3 * k + 2]! +
          t[row + 3]!;
        this.joints[3 * k + axis] = translation[axis]! + scale * (at - rest[axis]!);
      }
    }
  }

  private skin({ scale, translation }: Placement): void {
    const { rest, skinIndex, skinWeight, restJoints, vertices } = this.mesh;
    const T = this.transforms;
    const out = this.positions;
    const ox = translation[0]! - scale * restJoints[0]!;
    const oy = translation[1]! - scale * restJoints[1]!;
    const oz = translation[2]! - scale * restJoints[2]!;
    for (let v = 0; v < vertices; v++) {
      const x = rest[3 * v]!;
      const y = rest[3 * v + 1]!;
      const z = rest[3 * v + 2]!;
      let px = 0;
      let py = 0;
      let pz = 0;
      for (let i = 4 * v; i < 4 * v + 4; i++) {
        const w = skinWeight[i]!;
        if (w === 0) continue;
        const k = 12 * skinIndex[i]!;
        px += w * (T[k]! * x + T[k + 1]! * y + T[k + 2]! * z + T[k + 3]!);
        py += w * (T[k + 4]! * x + T[k + 5]! * y + T[k + 6]! * z + T[k + 7]!);
        pz += w * (T[k + 8]! * x + T[k + 9]! * y + T[k + 10]! * z + T[k + 11]!);
      }
      out[3 * v] = ox + scale * px;
      out[3 * v + 1] = oy + scale * py;
      out[3 * v + 2] = oz + scale * pz;
    }
  }
}

/** Rodrigues: an axis-angle at `from` of `pose` as a row-major 3×3 matrix in `R`. */
function rotation(pose: ArrayLike<number>, from: number, R: Float64Array): void {
  const x = pose[from]!;
  const y = pose[from + 1]!;
  const z = pose[from + 2]!;
  const angle = Math.hypot(x, y, z);
  // sin(a)/a and (1 − cos a)/a², by their series where a is too small to divide by.
  const a = angle > 1e-4 ? Math.sin(angle) / angle : 1 - (angle * angle) / 6;
  const b = angle > 1e-4 ? (1 - Math.cos(angle)) / (angle * angle) : 0.5 - (angle * angle) / 24;
  R[0] = 1 - b * (y * y + z * z);
  R[1] = b * x * y - a * z;
  R[2] = b * x * z + a * y;
  R[3] = b * x * y + a * z;
  R[4] = 1 - b * (x * x + z * z);
  R[5] = b * y * z - a * x;
  R[6] = b * x * z - a * y;
  R[7] = b * y * z + a * x;
  R[8] = 1 - b * (x * x + y * y);
}

const R = new Float64Array(9);

/** Row-major 3×4 transforms of all joints, from points of the rest body to posed ones. */
function jointTransforms(mesh: BodyMesh, pose: ArrayLike<number>, T: Float64Array): void {
  const { parents, restJoints } = mesh;
  for (let k = 0; k < parents.length; k++) {
    rotation(pose, 3 * k, R);
    const out = 12 * k;
    const parent = 12 * parents[k]!;
    const jx = restJoints[3 * k]!;
    const jy = restJoints[3 * k + 1]!;
    const jz = restJoints[3 * k + 2]!;
    for (let row = 0; row < 3; row++) {
      const o = out + 4 * row;
      let at: number;
      if (parent < 0) {
        T[o] = R[3 * row]!;
        T[o + 1] = R[3 * row + 1]!;
        T[o + 2] = R[3 * row + 2]!;
        at = restJoints[row]!;
      } else {
        const p = parent + 4 * row;
        const a = T[p]!;
        const b = T[p + 1]!;
        const c = T[p + 2]!;
        T[o] = a * R[0]! + b * R[3]! + c * R[6]!;
        T[o + 1] = a * R[1]! + b * R[4]! + c * R[7]!;
        T[o + 2] = a * R[2]! + b * R[5]! + c * R[8]!;
        at = a * jx + b * jy + c * jz + T[p + 3]!;
      }
      T[o + 3] = at - (T[o]! * jx + T[o + 1]! * jy + T[o + 2]! * jz);
    }
  }
}

/** Unit normals per vertex: the sum of its triangles' normals, weighted by their area. */
function vertexNormals(faces: Uint32Array, positions: Float32Array, normals: Float32Array): void {
  normals.fill(0);
  for (let f = 0; f < faces.length; f += 3) {
    const a = 3 * faces[f]!;
    const b = 3 * faces[f + 1]!;
    const c = 3 * faces[f + 2]!;
    const ux = positions[b]! - positions[a]!;
    const uy = positions[b + 1]! - positions[a + 1]!;
    const uz = positions[b + 2]! - positions[a + 2]!;
    const vx = positions[c]! - positions[a]!;
    const vy = positions[c + 1]! - positions[a + 1]!;
    const vz = positions[c + 2]! - positions[a + 2]!;
    const nx = uy * vz - uz * vy;
    const ny = uz * vx - ux * vz;
    const nz = ux * vy - uy * vx;
    normals[a]! += nx;
    normals[a + 1]! += ny;
    normals[a + 2]! += nz;
    normals[b]! += nx;
    normals[b + 1]! += ny;
    normals[b + 2]! += nz;
    normals[c]! += nx;
    normals[c + 1]! += ny;
    normals[c + 2]! += nz;
  }
  for (let v = 0; v < normals.length; v += 3) {
    const x = normals[v]!;
    const y = normals[v + 1]!;
    const z = normals[v + 2]!;
    // Not Math.hypot, which is many times slower.
    const length = Math.sqrt(x * x + y * y + z * z) || 1;
    normals[v] = x / length;
    normals[v + 1] = y / length;
    normals[v + 2] = z / length;
  }
}
