/** What a careful eye would ask about a skeleton. Hints for people; nothing is ever blocked. */
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { isPresent, jointAt, swapped } from '../document/skeleton';
import type { Joint, Skeleton } from '../document/types';
import { distance, type Size } from '../store/geometry';

export interface Check {
  readonly id: string;
  readonly message: string;
  readonly joints: readonly number[];
  /** Exchanges left and right, for those who may edit. */
  readonly key?: string;
}

const [NOSE, L_EYE, R_EYE] = [0, 1, 2];
const [L_SHOULDER, R_SHOULDER, L_HIP, R_HIP] = [5, 6, 11, 12];

/** Limbs as bones of the left and the right side. */
const LIMBS: readonly { name: string; left: [number, number]; right: [number, number] }[] = [
  { name: 'upper arm', left: [5, 7], right: [6, 8] },
  { name: 'forearm', left: [7, 9], right: [8, 10] },
  { name: 'thigh', left: [11, 13], right: [12, 14] },
  { name: 'shin', left: [13, 15], right: [14, 16] },
];

/** A limb longer than this many body scales is no infant's; theirs are about half a torso long. */
const LONG = 1.4;
/** Foreshortening explains a good deal, but not this much. */
const UNEVEN = 3.5;

export function checksOf(
  skeleton: Skeleton | null,
  image: Size,
  neighbour: Skeleton | null = null,
): Check[] {
  if (skeleton === null) return [];
  return [
    ...outside(skeleton, image),
    ...sameSpot(skeleton),
    ...limbs(skeleton),
    ...exchanged(skeleton, neighbour),
  ];
}

const vector = (from: Joint, to: Joint) => ({ x: to.x - from.x, y: to.y - from.y });
const label = (joint: number): string => JOINT_LABELS[joint] ?? `joint ${joint}`;

function outside(skeleton: Skeleton, image: Size): Check[] {
  return skeleton.flatMap((j, i) =>
    isPresent(j) && (j.x < 0 || j.y < 0 || j.x > image.width || j.y > image.height)
      ? [{ id: `outside-${i}`, message: `The ${label(i)} lies outside the image.`, joints: [i] }]
      : [],
  );
}

function sameSpot(skeleton: Skeleton): Check[] {
  const checks: Check[] = [];
  const scale = scaleOf(skeleton);
  for (let left = 1; left < skeleton.length; left += 2) {
    const a = jointAt(skeleton, left);
    const b = jointAt(skeleton, left + 1);
    const close = left < L_SHOULDER ? 0.01 : 0.04;
    if (isPresent(a) && isPresent(b) && scale > 0 && distance(a, b) < close * scale) {
      const part = label(left).replace('left ', '');
      const message = `Both ${part === 'ear' ? 'ears' : `${part}s`} sit on one spot.`;
      checks.push({ id: `same-${left}`, message, joints: [left, left + 1] });
    }
  }
  return checks;
}

/** A length that shrinks little however the infant lies: the longest of several measures, px. */
function scaleOf(skeleton: Skeleton): number {
  const span = (a: number, b: number): number => {
    const from = jointAt(skeleton, a);
    const to = jointAt(skeleton, b);
    return isPresent(from) && isPresent(to) ? distance(from, to) : 0;
  };
  return Math.max(
    span(L_SHOULDER, L_HIP),
    span(R_SHOULDER, R_HIP),
    1.5 * span(L_SHOULDER, R_SHOULDER),
    2 * span(L_HIP, R_HIP),
    0.8 * span(NOSE, L_SHOULDER),
    0.8 * span(NOSE, R_SHOULDER),
  );
}

function limbs(skeleton: Skeleton): Check[] {
  const checks: Check[] = [];
  const scale = scaleOf(skeleton);
  const length = ([a, b]: [number, number]): number | null => {
    const from = jointAt(skeleton, a);
    const to = jointAt(skeleton, b);
    return isPresent(from) && isPresent(to) ? distance(from, to) : null;
  };
  for (const { name, left, right } of LIMBS) {
    const lengths = { left: length(left), right: length(right) };
    for (const side of ['left', 'right'] as const) {
      const here = lengths[side];
      const there = lengths[side === 'left' ? 'right' : 'left'];
      const joints = side === 'left' ? left : right;
      if (here === null || scale === 0) continue;
      if (here > LONG * scale) {
        const message = `The ${side} ${name} is very long for this body.`;
        checks.push({ id: `long-${side}-${name}`, message, joints });
      } else if (there !== null && here > 0.5 * scale && here > UNEVEN * there) {
        const message = `The ${side} ${name} is ${(here / Math.max(there, 1)).toFixed(1)} times as long as the other.`;
        checks.push({ id: `uneven-${side}-${name}`, message, joints: [...left, ...right] });
      }
    }
  }
  return checks;
}

function exchanged(skeleton: Skeleton, neighbour: Skeleton | null): Check[] {
  const against = (a: readonly [number, number], b: readonly [number, number]): boolean => {
    const joints = [...a, ...b].map((i) => jointAt(skeleton, i));
    const [al, ar, bl, br] = joints;
    if (!al || !ar || !bl || !br || !joints.every(isPresent)) return false;
    const u = vector(ar, al);
    const v = vector(br, bl);
    const lengths = Math.hypot(u.x, u.y) * Math.hypot(v.x, v.y);
    return lengths > 0 && (u.x * v.x + u.y * v.y) / lengths < -0.6;
  };
  if (against([L_SHOULDER, R_SHOULDER], [L_HIP, R_HIP])) {
    return [
      {
        id: 'twisted',
        message: 'Left and right of shoulders and hips disagree: are they exchanged?',
        key: 'S',
        joints: [L_SHOULDER, R_SHOULDER, L_HIP, R_HIP],
      },
    ];
  }
  if (against([L_EYE, R_EYE], [L_SHOULDER, R_SHOULDER])) {
    return [
      {
        id: 'face',
        message: 'Left and right of face and shoulders disagree: are they exchanged?',
        key: 'S',
        joints: [L_EYE, R_EYE, L_SHOULDER, R_SHOULDER],
      },
    ];
  }
  if (neighbour !== null && looksSwapped(skeleton, neighbour)) {
    return [
      {
        id: 'swapped',
        message: 'Left and right look exchanged against the frame before.',
        key: 'S',
        joints: [],
      },
    ];
  }
  return [];
}

/** Whether the exchanged skeleton would lie far nearer to the neighbouring frame's. */
function looksSwapped(skeleton: Skeleton, neighbour: Skeleton): boolean {
  const away = (candidate: Skeleton): number => {
    let sum = 0;
    candidate.forEach((joint, i) => {
      const other = jointAt(neighbour, i);
      if (isPresent(joint) && isPresent(other)) sum += distance(joint, other);
    });
    return sum;
  };
  const shared = skeleton.filter((j, i) => isPresent(j) && isPresent(jointAt(neighbour, i))).length;
  return shared >= 8 && away(swapped(skeleton)) < 0.4 * away(skeleton);
}
