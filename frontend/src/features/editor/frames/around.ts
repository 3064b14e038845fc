/**
 * Hints about a skeleton from what lies around it, while the hand still drags: the TypeScript twin
 * of `backend/domain/around.py`, held to `tests/vectors/checks.json`.
 */
import { AROUND, BONES, type CheckKind, JOINT_LABELS, LOW_SCORE } from '@/shared/domain/rules.gen';
import { isPresent, jointAt } from '../document/skeleton';
import type { Joint, Skeleton } from '../document/types';
import { distance } from '../store/geometry';

export interface Check {
  readonly kind: CheckKind;
  readonly message: string;
  /** The one to look at first; none where it is about the whole body. */
  readonly joints: readonly number[];
}

type Known = number | null;

/** The same camera's frame before or after; joints that are doubted there are absent. */
export interface Neighbour {
  readonly skeleton: Skeleton;
  /** Seconds away. */
  readonly apart: number;
  /** It shows the same picture: there a pose may be the same. */
  readonly samePicture: boolean;
}

/** What is usual for the infant in this camera, in statures; see `suspicion.Reference`. */
export interface Usual {
  readonly stature: Known;
  readonly limbs: readonly Known[];
  readonly noise: readonly Known[];
  readonly views: readonly Known[];
}

export interface Somebody {
  readonly skeleton: Skeleton;
  readonly scores: readonly number[];
}

/** What is known around a skeleton; everything may be missing. */
export interface Around {
  readonly before?: Neighbour | null;
  readonly after?: Neighbour | null;
  readonly usual?: Usual | null;
  /** Everybody whom the model found in this frame, the infant too. */
  readonly people?: readonly Somebody[];
  /** The infant's: x, y, width, height. */
  readonly box?: readonly number[] | null;
  /** By joint, pixels from where the views agree, in units of the limit. */
  readonly views?: readonly Known[];
}

const label = (joint: number): string => JOINT_LABELS[joint] ?? `joint ${joint}`;

/** Hints from what lies around, the plainest first. */
export function worriesOf(skeleton: Skeleton, around: Around): Check[] {
  const size = sizeOf(skeleton, around);
  const found = [...frozen(skeleton, around), ...views(skeleton, around)];
  if (size === null) return found;
  const jump = skeleton.map((joint, i) => jumpOf(joint, i, around, size));
  const over = limbsOver(skeleton, around, size);
  return [
    ...found,
    ...jumps(jump),
    ...limbs(over, jump),
    ...onOthers(skeleton, around, size, jump, over),
    ...offBox(skeleton, around, size),
  ];
}

/** How tall the body would be stretched out, in pixels; null with fewer than three bones. */
export function statureOf(skeleton: Skeleton): Known {
  const lengths = BONES.flatMap(({ ends, stature }) => {
    const length = lengthOf(skeleton, ends);
    return length === null ? [] : [length / stature];
  }).sort((a, b) => a - b);
  if (lengths.length < 3) return null;
  const at = 0.75 * (lengths.length - 1);
  const low = lengths[Math.floor(at)] as number;
  const high = lengths[Math.min(Math.floor(at) + 1, lengths.length - 1)] as number;
  return low + (at - Math.floor(at)) * (high - low);
}

/** The infant's size here: of the frames around, else the usual one, else this body's own. */
function sizeOf(skeleton: Skeleton, { before, after, usual }: Around): Known {
  const near = [before, after].flatMap((n) => {
    const tall = n && n.apart <= AROUND.MAX_GAP_S ? statureOf(n.skeleton) : null;
    return tall === null ? [] : [tall];
  });
  if (near.length > 0) return near.reduce((sum, tall) => sum + tall, 0) / near.length;
  return usual?.stature || statureOf(skeleton) || null;
}

/** Distance from where the frames around put a joint, over its tolerance. */
function jumpOf(joint: Joint, i: number, around: Around, size: number): Known {
  const place = foretold(i, around);
  if (!isPresent(joint) || place === null) return null;
  const usual = AROUND.USUAL_TIMES * (around.usual?.noise[i] ?? 0);
  const tolerance =
    place.times *
    Math.sqrt(AROUND.AT_LEAST ** 2 + usual ** 2 + ((AROUND.MOVING * place.moving) / size) ** 2);
  return distance(joint, place) / size / tolerance;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly times: number;
  /** Pixels between the two frames. */
  readonly moving: number;
}

function foretold(i: number, { before, after }: Around): Place | null {
  const sides = [before, after].map((n) => {
    const joint = n ? jointAt(n.skeleton, i) : null;
    return n && joint && isPresent(joint) ? { apart: n.apart, joint } : null;
  });
  const [b, a] = sides;
  const gap = (b?.apart ?? 0) + (a?.apart ?? 0);
  if (b && a && gap > 0 && gap <= AROUND.MAX_GAP_S) {
    const share = b.apart / gap;
    return {
      x: b.joint.x + share * (a.joint.x - b.joint.x),
      y: b.joint.y + share * (a.joint.y - b.joint.y),
      times: AROUND.BETWEEN_TIMES,
      moving: distance(a.joint, b.joint),
    };
  }
  const near = sides.filter((side) => side !== null && side.apart <= AROUND.MAX_GAP_S / 2);
  const [first, second] = near;
  if (!first) return null;
  const { joint } = second && second.apart < first.apart ? second : first;
  return { x: joint.x, y: joint.y, times: AROUND.BESIDE_TIMES, moving: 0 };
}

function frozen(skeleton: Skeleton, { before, after }: Around): Check[] {
  const words = [
    [before, 'before'],
    [after, 'after'],
  ] as const;
  for (const [neighbour, word] of words) {
    if (!neighbour || neighbour.samePicture) continue;
    const both = skeleton.flatMap((joint, i) => {
      const other = jointAt(neighbour.skeleton, i);
      return isPresent(joint) && isPresent(other) ? [[joint, other] as const] : [];
    });
    if (both.length >= AROUND.FROZEN_JOINTS && both.every(([p, q]) => isSame(p, q))) {
      const message = `The pose is the same as in the frame ${word}, though the picture moved.`;
      return [{ kind: 'frozen', message, joints: [] }];
    }
  }
  return [];
}

const isSame = (p: Joint, q: Joint): boolean =>
  Math.abs(p.x - q.x) < AROUND.SAME_PX && Math.abs(p.y - q.y) < AROUND.SAME_PX;

const views = (skeleton: Skeleton, { views: errors = [], usual }: Around): Check[] =>
  errors.flatMap((error, i) => {
    const limit = Math.max(AROUND.HALF_VIEWS, AROUND.USUAL_VIEWS * (usual?.views[i] ?? 0));
    return error !== null && error >= limit && isPresent(jointAt(skeleton, i))
      ? [
          {
            kind: 'views',
            message: `The other cameras see the ${label(i)} elsewhere.`,
            joints: [i],
          },
        ]
      : [];
  });

const jumps = (jump: readonly Known[]): Check[] =>
  jump.flatMap((ratio, i) =>
    ratio !== null && ratio >= AROUND.HALF_JUMP
      ? [
          {
            kind: 'jump',
            message: `The ${label(i)} jumps against the frames around it.`,
            joints: [i],
          },
        ]
      : [],
  );

/** By bone, statures by which it is longer than the longest usual one. */
const limbsOver = (skeleton: Skeleton, { usual }: Around, size: number): Known[] =>
  BONES.map(({ ends }, number) => {
    const longest = usual?.limbs[number] ?? null;
    const length = lengthOf(skeleton, ends);
    return longest && length ? length / size - longest : null;
  });

const limbs = (over: readonly Known[], jump: readonly Known[]): Check[] =>
  BONES.flatMap(({ name, ends: [inner, outer] }, number) => {
    const excess = over[number] ?? null;
    if (excess === null || excess < AROUND.HALF_LIMB) return [];
    const joints = (jump[inner] ?? 0) > (jump[outer] ?? 0) ? [inner, outer] : [outer, inner];
    return [
      {
        kind: 'limb',
        message: `The ${name} ${name.endsWith('s') ? 'are wider' : 'is longer'} than this infant's.`,
        joints,
      },
    ];
  });

/** At the same joint of somebody else, and not where the infant's own joints put it. */
function onOthers(
  skeleton: Skeleton,
  { people = [] }: Around,
  size: number,
  jump: readonly Known[],
  over: readonly Known[],
): Check[] {
  const strangers = people.filter((one) => !isOneBody(skeleton, one, size));
  return skeleton.flatMap((joint, i) => {
    if (!isPresent(joint) || !strangers.some((one) => isOn(joint, i, one, size))) return [];
    const ratio = jump[i] ?? null;
    const astray =
      ratio !== null
        ? ratio >= AROUND.NEARLY_JUMPS
        : BONES.some(
            ({ ends }, number) => ends.includes(i) && (over[number] ?? 0) >= AROUND.HALF_LIMB / 2,
          );
    return astray
      ? [
          {
            kind: 'other_person',
            message: `The ${label(i)} lies on another person.`,
            joints: [i],
          },
        ]
      : [];
  });
}

function isOn(joint: Joint, i: number, { skeleton, scores }: Somebody, size: number): boolean {
  const theirs = jointAt(skeleton, i);
  const seen = isPresent(theirs) && (scores[i] ?? 0) >= LOW_SCORE;
  return seen && distance(joint, theirs) < AROUND.HALF_OTHER * size;
}

/** Whether most of somebody's joints lie where the infant's do: it is the infant. */
function isOneBody(skeleton: Skeleton, { skeleton: other, scores }: Somebody, size: number) {
  let seen = 0;
  let near = 0;
  skeleton.forEach((own, i) => {
    const theirs = jointAt(other, i);
    if (!isPresent(own) || !isPresent(theirs) || (scores[i] ?? 0) < LOW_SCORE) return;
    seen += 1;
    if (distance(own, theirs) < AROUND.SAME_BODY * size) near += 1;
  });
  return near > AROUND.ALIKE_JOINTS * Math.max(seen, 1);
}

function offBox(skeleton: Skeleton, { box }: Around, size: number): Check[] {
  if (box?.length !== 4) return [];
  const [left, top, width, height] = box as readonly [number, number, number, number];
  return skeleton.flatMap((joint, i) => {
    if (joint.v !== 2) return [];
    const x = Math.max(left - joint.x, 0, joint.x - left - width);
    const y = Math.max(top - joint.y, 0, joint.y - top - height);
    return Math.hypot(x, y) >= AROUND.HALF_OFF_MASK * size
      ? [
          {
            kind: 'off_mask',
            message: `The ${label(i)} lies outside the infant's box.`,
            joints: [i],
          },
        ]
      : [];
  });
}

function lengthOf(skeleton: Skeleton, [a, b]: readonly [number, number]): Known {
  const from = jointAt(skeleton, a);
  const to = jointAt(skeleton, b);
  return isPresent(from) && isPresent(to) ? distance(from, to) : null;
}
