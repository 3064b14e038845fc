/** Questions about skeletons and documents that have no side effects. */
import { type FrameState, JOINTS, MIRROR, N_JOINTS } from '@/shared/domain/rules.gen';
import {
  ABSENT_JOINT,
  type Candidates,
  type Decision,
  type Document,
  type DrawnBox,
  InvalidOperation,
  type Joint,
  type Skeleton,
} from './types';

export const emptySkeleton = (): Skeleton => Array.from({ length: N_JOINTS }, () => ABSENT_JOINT);

export const jointAt = (skeleton: Skeleton | null, index: number): Joint =>
  skeleton?.[index] ?? ABSENT_JOINT;

export const isPresent = (joint: Joint): boolean => joint.v !== 0;

export const sameJoint = (a: Joint, b: Joint): boolean => a.x === b.x && a.y === b.y && a.v === b.v;

export function sameSkeleton(a: Skeleton | null, b: Skeleton | null): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  return a.every((joint, i) => sameJoint(joint, jointAt(b, i)));
}

export const sameDecision = (a: Decision, b: Decision): boolean =>
  a.verdict === b.verdict && a.reason === b.reason && a.text === b.text;

export const sameDocument = (a: Document, b: Document): boolean =>
  a.candidateId === b.candidateId &&
  sameSkeleton(a.skeleton, b.skeleton) &&
  sameDecision(a.decision, b.decision) &&
  sameBox(shownBox(a), shownBox(b)) &&
  a.mark === b.mark;

export const isKept = (document: Document): boolean => document.decision.verdict === 'keep';

/** The box of a document: only a kept frame shows one. */
export const shownBox = (document: Document): DrawnBox | null =>
  isKept(document) ? document.box : null;

/** Whether two boxes lie in the same place and were drawn around the same joints. */
export const samePlace = (a: DrawnBox, b: DrawnBox): boolean =>
  a.x === b.x &&
  a.y === b.y &&
  a.width === b.width &&
  a.height === b.height &&
  sameSkeleton(a.madeFrom, b.madeFrom);

export const sameBox = (a: DrawnBox | null, b: DrawnBox | null): boolean =>
  a === b || (a !== null && b !== null && a.status === b.status && samePlace(a, b));

/** A box that keeps the rules: finite numbers, a positive width and height. */
export function makeBox(box: DrawnBox): DrawnBox {
  const { x, y, width, height } = box;
  if (![x, y, width, height].every(Number.isFinite)) {
    throw new InvalidOperation('A box needs four finite numbers.');
  }
  if (width <= 0 || height <= 0) {
    throw new InvalidOperation('A box needs a positive width and height.');
  }
  return { ...box, madeFrom: makeSkeleton(box.madeFrom) };
}

/** Joints that are present, visible or occluded: COCO's `num_keypoints`. */
export const countPresent = (skeleton: Skeleton | null): number =>
  skeleton === null ? 0 : skeleton.filter(isPresent).length;

/**
 * Left and right exchanged: mends a model that took the back for the front.
 *
 * Either side of a pair names it.
 */
export function swapped(
  skeleton: Skeleton,
  joints: readonly number[] = [...JOINTS.keys()],
): Skeleton {
  const named = new Set(joints.flatMap((i) => [i, MIRROR[i] ?? i]));
  return skeleton.map((joint, i) => (named.has(i) ? jointAt(skeleton, MIRROR[i] ?? i) : joint));
}

/** A joint that keeps the rules: finite coordinates, absent ones at (0, 0). */
export function makeJoint(x: number, y: number, v: Joint['v']): Joint {
  if (!Number.isFinite(x) || !Number.isFinite(y)) {
    throw new InvalidOperation("A joint's coordinates must be finite numbers.");
  }
  return v === 0 ? ABSENT_JOINT : { x, y, v };
}

export function makeSkeleton(joints: readonly Joint[]): Skeleton {
  if (joints.length !== N_JOINTS) {
    throw new InvalidOperation(`A skeleton has ${N_JOINTS} joints, this one has ${joints.length}.`);
  }
  return joints.map((j) => makeJoint(j.x, j.y, j.v));
}

/** Whether a person changed the joints, or placed them from scratch. */
export function isModified(document: Document, candidates: Candidates): boolean {
  if (document.skeleton === null) return false;
  if (document.candidateId === null) return true;
  return !sameSkeleton(document.skeleton, candidates.get(document.candidateId) ?? null);
}

/**
 * The frame's state for filmstrips and counts.
 *
 * @param inferred joints that were taken from other frames: whoever took them changed nothing.
 */
export function stateOf(
  document: Document,
  candidates: Candidates,
  inferred: Skeleton | null = null,
): FrameState {
  const { verdict } = document.decision;
  if (verdict === 'undecided') return 'undecided';
  if (verdict === 'discard') return 'discarded';
  if (inferred !== null && sameSkeleton(document.skeleton, inferred)) return 'accepted';
  return isModified(document, candidates) ? 'corrected' : 'accepted';
}

/** Indices of the joints that differ between two skeletons (null counts as all absent). */
export function changedJoints(before: Skeleton | null, after: Skeleton | null): number[] {
  return Array.from({ length: N_JOINTS }, (_, i) => i).filter(
    (i) => !sameJoint(jointAt(before, i), jointAt(after, i)),
  );
}

/** The rectangle around the present joints, or null where there is none. */
export function boundsOf(
  skeleton: Skeleton | null,
): { x: number; y: number; width: number; height: number } | null {
  const present = (skeleton ?? []).filter(isPresent);
  if (present.length === 0) return null;
  const xs = present.map((j) => j.x);
  const ys = present.map((j) => j.y);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
