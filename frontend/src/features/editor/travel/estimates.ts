/** Where the infant's joints are in frames that nobody decided, as inferred from other frames. */
import type { Annotation, Estimates as Columns } from '@/shared/api/types';
import { N_JOINTS, type Visibility } from '@/shared/domain/rules.gen';
import {
  countPresent,
  isModified,
  makeJoint,
  makeSkeleton,
  sameSkeleton,
} from '../document/skeleton';
import type { Candidates, Document, Operation, Skeleton } from '../document/types';

export interface Estimate {
  readonly frameId: number;
  readonly skeleton: Skeleton;
  /** Standard deviation of each joint along each axis, image pixels. */
  readonly sigma: readonly number[];
  /** Confirmed frames that say most, the nearest first. */
  readonly sources: readonly number[];
  /** Number of the propagation. */
  readonly solve: number;
}

/** Estimates as the server sends them: by columns. */
export function readColumns({ solve, frames, joints, sigma, visibility, sources }: Columns) {
  return frames.map((frameId, row): Estimate => {
    const skeleton = Array.from({ length: N_JOINTS }, (_, i) => {
      const at = row * N_JOINTS + i;
      const v = (visibility[at] ?? 0) as Visibility;
      return makeJoint(joints[2 * at] ?? 0, joints[2 * at + 1] ?? 0, v);
    });
    return {
      frameId,
      skeleton,
      sigma: sigma.slice(row * N_JOINTS, (row + 1) * N_JOINTS),
      sources: sources[row] ?? [],
      solve,
    };
  });
}

/** What a person does who takes an estimate. */
export const takeEstimate = ({ skeleton, sources, solve }: Estimate): Operation => ({
  type: 'takeEstimate',
  joints: skeleton.map((joint) => ({ ...joint })),
  sources: [...sources],
  solve,
});

/**
 * Whether an estimate may stand in a frame: nobody decided it, nobody moved its joints, and it says
 * something else than the pre-label.
 */
export const fits = (estimate: Estimate, base: Document, candidates: Candidates): boolean =>
  base.decision.verdict === 'undecided' &&
  !isModified(base, candidates) &&
  countPresent(estimate.skeleton) > 0 &&
  !sameSkeleton(base.skeleton, estimate.skeleton);

/** The joints that a frame took from other frames; null where a person moved one since. */
export function takenIn({ joints, propagated }: Annotation): Skeleton | null {
  if (propagated === null || joints === null) return null;
  const whole = joints.every((joint, i) => joint.v === 0 || (propagated.joints >> i) & 1);
  return whole ? makeSkeleton(joints) : null;
}

/** Whether an operation is about the joints as they are shown, so that they have to be taken first. */
export function buildsOnJoints({ type, ...rest }: Operation): boolean {
  switch (type) {
    case 'moveJoint':
    case 'placeJoint':
    case 'setVisibility':
    case 'swapSides':
      return true;
    case 'setVerdict':
      return 'verdict' in rest && rest.verdict === 'keep';
    default:
      return false;
  }
}

/** So many estimates are kept: some hundred frames of four cameras. */
const MOST = 2000;

/** The estimates that are known here, the newest of each frame. */
export class Estimates {
  private known = new Map<number, Estimate>();

  get(frameId: number): Estimate | null {
    return this.known.get(frameId) ?? null;
  }

  /** Take up what came; an older answer that arrives late changes nothing. */
  put(found: readonly Estimate[]): void {
    for (const estimate of found) {
      const before = this.known.get(estimate.frameId);
      if (before !== undefined && before.solve > estimate.solve) continue;
      this.known.delete(estimate.frameId);
      this.known.set(estimate.frameId, estimate);
    }
    for (const frameId of this.known.keys()) {
      if (this.known.size <= MOST) return;
      this.known.delete(frameId);
    }
  }

  /** Forget all but those of this solve and later ones. */
  keepFrom(solve: number): void {
    this.known = new Map([...this.known].filter(([, estimate]) => estimate.solve >= solve));
  }

  clear(): void {
    this.known.clear();
  }
}
