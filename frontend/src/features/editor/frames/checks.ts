/**
 * What a careful eye would ask about a skeleton, while the hand still drags it: the TypeScript twin
 * of `backend/domain/checks.py`. Hints for people; nothing is ever blocked.
 */
import {
  CHECK,
  FACE,
  JOINT_LABELS,
  LIMBS,
  LOW_SCORE,
  PAIRS,
  SCALE_SPANS,
} from '@/shared/domain/rules.gen';
import { isPresent, jointAt, swapped } from '../document/skeleton';
import type { Skeleton } from '../document/types';
import { distance, type Size } from '../store/geometry';
import { type Around, type Check, worriesOf } from './around';

export type { Check };

type Ends = readonly [number, number];

const EYES: Ends = [1, 2];
const SHOULDERS: Ends = [5, 6];
const HIPS: Ends = [11, 12];

/** Hints about a skeleton; `before` is that of the same camera's frame before, if near and kept. */
export function checksOf(
  skeleton: Skeleton | null,
  image: Size,
  before: Skeleton | null = null,
  around: Around = {},
): Check[] {
  if (skeleton === null) return [];
  const scale = bodyScale(skeleton);
  const more = worriesOf(skeleton, around);
  const measured = more.filter(({ kind }) => kind === 'limb');
  return [
    ...outside(skeleton, image),
    ...sameSpot(skeleton, scale),
    // Against this infant's own limbs says more than against any infant's.
    ...limbs(skeleton, scale).filter(
      ({ joints }) =>
        !measured.some((known) => known.joints.every((joint) => joints.includes(joint))),
    ),
    ...exchanged(skeleton, before),
    ...more,
  ];
}

/** Present joints of which the model was not sure and that nobody moved since. */
export function doubtfulJoints(
  skeleton: Skeleton | null,
  machine: Skeleton | null,
  scores: readonly number[] | null,
): number[] {
  if (skeleton === null || machine === null || scores === null) return [];
  return skeleton.flatMap((joint, i) => {
    const found = jointAt(machine, i);
    const untouched = joint.x === found.x && joint.y === found.y;
    return isPresent(joint) && untouched && (scores[i] ?? 1) < LOW_SCORE ? [i] : [];
  });
}

const label = (joint: number): string => JOINT_LABELS[joint] ?? `joint ${joint}`;

/** Pixels between two joints; null where one of them is not present. */
function apart(skeleton: Skeleton, [a, b]: Ends): number | null {
  const from = jointAt(skeleton, a);
  const to = jointAt(skeleton, b);
  return isPresent(from) && isPresent(to) ? distance(from, to) : null;
}

/** A length that shrinks little however the infant lies, in pixels. */
const bodyScale = (skeleton: Skeleton): number =>
  Math.max(...SCALE_SPANS.map(([a, b, factor]) => factor * (apart(skeleton, [a, b]) ?? 0)));

const outside = (skeleton: Skeleton, image: Size): Check[] =>
  skeleton.flatMap((j, i) =>
    isPresent(j) && (j.x < 0 || j.y < 0 || j.x > image.width || j.y > image.height)
      ? [{ kind: 'outside', message: `The ${label(i)} lies outside the image.`, joints: [i] }]
      : [],
  );

const sameSpot = (skeleton: Skeleton, scale: number): Check[] =>
  PAIRS.flatMap((pair) => {
    const near = FACE.includes(pair[0]) ? CHECK.SAME_SPOT_FACE : CHECK.SAME_SPOT;
    const between = apart(skeleton, pair);
    if (between === null || between >= near * scale) return [];
    const part = label(pair[0]).replace('left ', '');
    return [{ kind: 'same_spot', message: `Both ${part}s are in the same place.`, joints: pair }];
  });

function limbs(skeleton: Skeleton, scale: number): Check[] {
  if (scale === 0) return [];
  return LIMBS.flatMap(({ name, left, right }) => {
    const lengths = { left: apart(skeleton, left), right: apart(skeleton, right) };
    return (['left', 'right'] as const).flatMap((side): Check[] => {
      const here = lengths[side];
      const there = lengths[side === 'left' ? 'right' : 'left'];
      if (here === null) return [];
      if (here > CHECK.LONG_LIMB * scale) {
        const message = `The ${side} ${name} is very long for this body.`;
        return [{ kind: 'long_limb', message, joints: side === 'left' ? left : right }];
      }
      const least = Math.max(CHECK.UNEVEN_FROM * scale, CHECK.UNEVEN_LIMBS * (there ?? 0));
      if (there === null || here <= least) return [];
      const times = (Math.floor((10 * here) / Math.max(there, 1) + 0.5) / 10).toFixed(1);
      const message = `The ${side} ${name} is ${times} times as long as the other ${name}.`;
      return [{ kind: 'uneven_limbs', message, joints: [...left, ...right] }];
    });
  });
}

/** At most one hint: all are mended by exchanging left and right. */
function exchanged(skeleton: Skeleton, before: Skeleton | null): Check[] {
  const hint = (message: string, joints: readonly number[]): Check[] => [
    { kind: 'exchanged', message, joints },
  ];
  if (opposed(skeleton, SHOULDERS, HIPS)) {
    const message = 'Left and right of shoulders and hips disagree: are they swapped?';
    return hint(message, [...SHOULDERS, ...HIPS]);
  }
  if (opposed(skeleton, EYES, SHOULDERS)) {
    const message = 'Left and right of face and shoulders disagree: are they swapped?';
    return hint(message, [...EYES, ...SHOULDERS]);
  }
  if (before !== null && looksSwapped(skeleton, before)) {
    return hint('Left and right look swapped compared with the previous frame.', []);
  }
  return [];
}

/** Whether two pairs of (left, right) joints point against each other. */
function opposed(skeleton: Skeleton, a: Ends, b: Ends): boolean {
  const joints = [...a, ...b].map((i) => jointAt(skeleton, i));
  const [al, ar, bl, br] = joints;
  if (!al || !ar || !bl || !br || !joints.every(isPresent)) return false;
  const u = { x: al.x - ar.x, y: al.y - ar.y };
  const v = { x: bl.x - br.x, y: bl.y - br.y };
  const lengths = Math.hypot(u.x, u.y) * Math.hypot(v.x, v.y);
  return lengths > 0 && (u.x * v.x + u.y * v.y) / lengths < CHECK.OPPOSED;
}

/** Whether the exchanged skeleton would lie far nearer to the frame before. */
function looksSwapped(skeleton: Skeleton, before: Skeleton): boolean {
  const away = (candidate: Skeleton): number =>
    candidate.reduce((sum, joint, i) => {
      const other = jointAt(before, i);
      return isPresent(joint) && isPresent(other) ? sum + distance(joint, other) : sum;
    }, 0);
  const shared = skeleton.filter((j, i) => isPresent(j) && isPresent(jointAt(before, i))).length;
  return (
    shared >= CHECK.SWAPPED_JOINTS && away(swapped(skeleton)) < CHECK.SWAPPED_SHARE * away(skeleton)
  );
}
