/** What lies under the pointer. */
import { EDGES } from '@/shared/domain/rules.gen';
import { isPresent } from '../document/skeleton';
import type { Skeleton } from '../document/types';
import {
  type Camera,
  distance,
  distanceToSegment,
  type Rectangle,
  type ScreenPoint,
  toScreen,
} from './geometry';

export type Hit =
  | { readonly kind: 'joint'; readonly joint: number }
  | { readonly kind: 'person'; readonly candidateId: number }
  | { readonly kind: 'nothing' };

export type BoxHandle = 'n' | 's' | 'e' | 'w' | 'ne' | 'nw' | 'se' | 'sw';

const JOINT_RADIUS = 12;
const BONE_RADIUS = 7;
const HANDLE_RADIUS = 9;

export const NOTHING: Hit = { kind: 'nothing' };

/** The nearest joint in reach, or null. */
export function hitJoint(
  skeleton: Skeleton | null,
  camera: Camera,
  at: ScreenPoint,
): number | null {
  let best: number | null = null;
  let reach = JOINT_RADIUS;
  (skeleton ?? []).forEach((joint, i) => {
    if (!isPresent(joint)) return;
    const away = distance(toScreen(camera, joint), at);
    if (away <= reach) {
      reach = away;
      best = i;
    }
  });
  return best;
}

/** The person whose bones run under the pointer. */
export function hitPerson(
  people: readonly { id: number; skeleton: Skeleton }[],
  camera: Camera,
  at: ScreenPoint,
): number | null {
  let best: number | null = null;
  let reach = BONE_RADIUS;
  for (const { id, skeleton } of people) {
    for (const [a, b] of EDGES) {
      const from = skeleton[a];
      const to = skeleton[b];
      if (!from || !to || !isPresent(from) || !isPresent(to)) continue;
      const away = distanceToSegment(at, toScreen(camera, from), toScreen(camera, to));
      if (away <= reach) {
        reach = away;
        best = id;
      }
    }
  }
  return best;
}

/** The corner or edge of a box in reach. Corners come before edges. */
export function hitBox(box: Rectangle, camera: Camera, at: ScreenPoint): BoxHandle | null {
  const from = toScreen(camera, box);
  const to = toScreen(camera, { x: box.x + box.width, y: box.y + box.height });
  if (at.x < from.x - HANDLE_RADIUS || at.x > to.x + HANDLE_RADIUS) return null;
  if (at.y < from.y - HANDLE_RADIUS || at.y > to.y + HANDLE_RADIUS) return null;
  const near = (a: number, b: number) => Math.abs(a - b) <= HANDLE_RADIUS;
  // In a small box the farther edge must not be taken for the nearer one.
  const west = near(at.x, from.x) && Math.abs(at.x - from.x) <= Math.abs(at.x - to.x);
  const north = near(at.y, from.y) && Math.abs(at.y - from.y) <= Math.abs(at.y - to.y);
  const vertical = north ? 'n' : near(at.y, to.y) ? 's' : '';
  const horizontal = west ? 'w' : near(at.x, to.x) ? 'e' : '';
  const handle = `${vertical}${horizontal}`;
  return handle === '' ? null : (handle as BoxHandle);
}

export const HANDLE_CURSORS: Readonly<Record<BoxHandle, string>> = {
  n: 'ns-resize',
  s: 'ns-resize',
  e: 'ew-resize',
  w: 'ew-resize',
  ne: 'nesw-resize',
  sw: 'nesw-resize',
  nw: 'nwse-resize',
  se: 'nwse-resize',
};
