import type { BodyMesh } from '../model';

const LEFT = new Set([1, 4, 7, 10, 13, 16, 18, 20, 22]);
const RIGHT = new Set([2, 5, 8, 11, 14, 17, 19, 21, 23]);

// The joints' colours (Okabe–Ito), a little lighter so that shading has room.
const LEFT_RGB = [0.42, 0.74, 0.94] as const;
const RIGHT_RGB = [0.93, 0.66, 0.16] as const;
const MIDDLE_RGB = [0.86, 0.86, 0.88] as const;

/**
 * A colour per vertex (r, g, b in 0..1): the infant's left blue, right orange, middle light grey,
 * so that a body that faces the wrong way is seen at once.
 */
export function sideColours(mesh: BodyMesh): Float32Array {
  const colours = new Float32Array(3 * mesh.vertices);
  for (let v = 0; v < mesh.vertices; v++) {
    let left = 0;
    let right = 0;
    for (let i = 4 * v; i < 4 * v + 4; i++) {
      const joint = mesh.skinIndex[i] ?? 0;
      const weight = mesh.skinWeight[i] ?? 0;
      if (LEFT.has(joint)) left += weight;
      else if (RIGHT.has(joint)) right += weight;
    }
    for (let c = 0; c < 3; c++) {
      const [l = 0, r = 0, m = 0] = [LEFT_RGB[c], RIGHT_RGB[c], MIDDLE_RGB[c]];
      colours[3 * v + c] = left * l + right * r + Math.max(0, 1 - left - right) * m;
    }
  }
  return colours;
}
