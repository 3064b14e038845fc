/** Poses in a mirror that runs along the body. */
import { JOINTS, MIRROR } from '@/shared/domain/rules.gen';
import { isPresent, jointAt } from './skeleton';
import { ABSENT_JOINT, type Joint, type Skeleton } from './types';

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Axis {
  readonly at: Point;
  /** Of length 1. */
  readonly along: Point;
}

/** Shorter than this, two points do not say which way a body lies. */
const MIN_AXIS_PX = 2;

function middleOf(skeleton: Skeleton, part: string): Point | null {
  const present = JOINTS.flatMap((name, i) => {
    const joint = jointAt(skeleton, i);
    return name.endsWith(part) && isPresent(joint) ? [joint] : [];
  });
  if (present.length === 0) return null;
  const mean = (pick: (joint: Joint) => number): number =>
    present.reduce((sum, joint) => sum + pick(joint), 0) / present.length;
  return { x: mean((j) => j.x), y: mean((j) => j.y) };
}

/** From the hips to the shoulders, or to the nose where no shoulder is there. */
function axisOf(skeleton: Skeleton): Axis | null {
  const hips = middleOf(skeleton, 'hip');
  const upper = middleOf(skeleton, 'shoulder') ?? middleOf(skeleton, 'nose');
  if (hips === null || upper === null) return null;
  const [dx, dy] = [upper.x - hips.x, upper.y - hips.y];
  const length = Math.hypot(dx, dy);
  if (length < MIN_AXIS_PX) return null;
  return { at: hips, along: { x: dx / length, y: dy / length } };
}

function reflected({ at, along }: Axis, { x, y }: Point): Point {
  const [dx, dy] = [x - at.x, y - at.y];
  const along2 = 2 * (dx * along.x + dy * along.y);
  return { x: at.x + along2 * along.x - dx, y: at.y + along2 * along.y - dy };
}

/** Where the mirror shows a point; null where the body has no axis. */
export function mirrorImage(skeleton: Skeleton, point: Point): Point | null {
  const axis = axisOf(skeleton);
  return axis === null ? null : reflected(axis, point);
}

/** Each joint where the mirror shows the one of the other side; null where the body has no axis. */
export function mirroredPose(skeleton: Skeleton): Skeleton | null {
  const axis = axisOf(skeleton);
  if (axis === null) return null;
  return skeleton.map((_, i) => {
    const other = jointAt(skeleton, MIRROR[i] ?? i);
    return isPresent(other) ? { ...reflected(axis, other), v: other.v } : ABSENT_JOINT;
  });
}
