import { describe, expect, it } from 'vitest';
import type { Camera } from '@/shared/geometry/cameras';
import vectors from '../../../../../tests/vectors/body.json';
import { type BodyMesh, parseModel } from './model';
import { assumedCamera, Projector } from './projection';
import { PosedBody } from './skinning';

const VERTICES = vectors.rest.length / 3;

/** The vectors' body as the server would send it. */
function file(): ArrayBuffer {
  const parts: [string, string, number[], Float32Array | Uint32Array | Uint8Array][] = [
    ['rest', 'f4', [VERTICES, 3], Float32Array.from(vectors.rest)],
    ['faces', 'u4', [vectors.faces.length / 3, 3], Uint32Array.from(vectors.faces)],
    ['skin_index', 'u1', [VERTICES, 4], Uint8Array.from(vectors.skin_index)],
    ['skin_weight', 'f4', [VERTICES, 4], Float32Array.from(vectors.skin_weight)],
    ['rest_joints', 'f4', [24, 3], Float32Array.from(vectors.rest_joints)],
  ];
  const sections: Record<string, object> = {};
  let offset = 0;
  for (const [name, type, shape, data] of parts) {
    sections[name] = { offset, type, shape };
    offset += data.byteLength;
  }
  const header = {
    vertices: VERTICES,
    faces: vectors.faces.length / 3,
    joints: 24,
    parents: vectors.parents,
    sections,
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(12 + json.length + offset);
  bytes.set(new TextEncoder().encode('INFBODY1'));
  new DataView(bytes.buffer).setUint32(8, json.length, true);
  bytes.set(json, 12);
  let at = 12 + json.length;
  for (const [, , , data] of parts) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes.buffer;
}

const mesh: BodyMesh = parseModel(file());

function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs((a[i] ?? 0) - (b[i] ?? 0)));
  return most;
}

describe('model.bin', () => {
  it('gives back what was packed', () => {
    expect(mesh.vertices).toBe(VERTICES);
    expect(Array.from(mesh.faces)).toEqual(vectors.faces);
    expect(Array.from(mesh.parents)).toEqual(vectors.parents);
    expect(farthest(mesh.rest, vectors.rest)).toBeLessThan(1e-6);
  });

  it('says in words what is wrong with a file', () => {
    const whole = file();
    expect(() => parseModel(new ArrayBuffer(4))).toThrow('not a body model');
    expect(() => parseModel(whole.slice(0, 40))).toThrow('within its header');
    expect(() => parseModel(whole.slice(0, whole.byteLength - 4))).toThrow('rest_joints');
  });
});

describe('skinning', () => {
  it.each(vectors.cases.map((c, i) => [i, c] as const))(
    'poses the body as Python does, case %i',
    (_, placement) => {
      const posed = new PosedBody(mesh).pose(placement);
      expect(farthest(posed.positions, placement.vertices)).toBeLessThan(2e-6);
      expect(farthest(posed.joints, placement.joints)).toBeLessThan(2e-6);
    },
  );

  it('gives unit normals', () => {
    const { normals } = new PosedBody(mesh).pose(vectors.cases[1] as (typeof vectors.cases)[0]);
    for (let v = 0; v < normals.length; v += 3) {
      const length = Math.hypot(normals[v] ?? 0, normals[v + 1] ?? 0, normals[v + 2] ?? 0);
      // A vertex of no triangle has none.
      expect(Math.min(length, Math.abs(length - 1))).toBeLessThan(1e-5);
    }
  });
});

describe('projection', () => {
  it.each(vectors.cameras.map((c) => [c.name, c as Camera] as const))(
    'puts every vertex where Python puts it: %s',
    (name, camera) => {
      const projector = new Projector(camera);
      for (const { vertices, pixels } of vectors.cases) {
        const out = new Float32Array(vertices.length);
        expect(projector.project(vertices, out)).toBe(0);
        const wanted = (pixels as Record<string, number[][]>)[name] ?? [];
        wanted.forEach(([x = 0, y = 0], i) => {
          expect(Math.abs((out[3 * i] ?? 0) - x)).toBeLessThan(2e-3);
          expect(Math.abs((out[3 * i + 1] ?? 0) - y)).toBeLessThan(2e-3);
        });
      }
    },
  );

  it('marks points behind the camera, and counts them', () => {
    const out = new Float32Array(6);
    const camera = assumedCamera('only', 640, 480);
    expect(new Projector(camera).project([0, 0, 2, 0, 0, -2], out)).toBe(1);
    expect(Array.from(out.slice(0, 3))).toEqual([320, 240, 2]);
    expect(out[3]).toBeNaN();
  });

  it('does not fold far points back into the picture of a strongly bent lens', () => {
    const camera = { ...assumedCamera('wide', 640, 480), distortion: [-0.3, 0, 0, 0, 0] };
    const out = new Float32Array(6);
    expect(new Projector(camera).project([0.5, 0, 1, 2.5, 0, 1], out)).toBe(1);
    expect(out[3]).toBeNaN();
  });

  it('refuses a camera without a place', () => {
    const camera = { ...assumedCamera('lost', 640, 480), T_camera_world: null };
    expect(() => new Projector(camera)).toThrow('no place');
  });
});
