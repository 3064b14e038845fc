/**
 * What moves along when a person drags one joint: the twin of
 * `backend/domain/trajectories/drag.py`, held to `tests/vectors/drag.json`.
 */
import { DRAG_TREE, LEAST_SIGMA, N_JOINTS } from '@/shared/domain/rules.gen';
import { isPresent, jointAt, sameJoint } from '../document/skeleton';
import type { Skeleton } from '../document/types';
import type { Estimate } from './estimates';

const JOINTS = Array.from({ length: N_JOINTS }, (_, i) => i);

/** Products of the bones' correlations on the way from each joint to each other. */
const CORRELATIONS: readonly (readonly number[])[] = JOINTS.map((from) => {
  const row: number[] = JOINTS.map((to) => (to === from ? 1 : 0));
  for (let round = 0; round < N_JOINTS; round++) {
    for (const [a, b, r] of DRAG_TREE) {
      row[b] = Math.max(row[b] ?? 0, r * (row[a] ?? 0));
      row[a] = Math.max(row[a] ?? 0, r * (row[b] ?? 0));
    }
  }
  return row;
});

/**
 * The share of a joint's way that every joint goes.
 *
 * @param sigmas pixels; 0 for joints that stay, infinite where nothing is known.
 */
export function sharesOf(sigmas: readonly number[], joint: number): number[] {
  const own = Math.max(sigmas[joint] ?? 0, LEAST_SIGMA);
  return JOINTS.map((i) => {
    if (i === joint) return 1;
    const sigma = sigmas[i] ?? 0;
    return (
      (CORRELATIONS[joint]?.[i] ?? 0) * Math.min((Number.isFinite(sigma) ? sigma : own) / own, 1)
    );
  });
}

/**
 * How unsure each joint of a frame is: those that a person placed stay where they are.
 *
 * @param shown the joints as they are now.
 * @param machine the chosen person's.
 */
export function unsure(estimate: Estimate, shown: Skeleton, machine: Skeleton | null): number[] {
  return JOINTS.map((i) => {
    const now = jointAt(shown, i);
    const theirs =
      sameJoint(now, jointAt(estimate.skeleton, i)) || sameJoint(now, jointAt(machine, i));
    return isPresent(now) && theirs ? (estimate.sigma[i] ?? 0) : 0;
  });
}
