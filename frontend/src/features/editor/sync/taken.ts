/** What is inferred stays known as inferred when changes are put on top of somebody else's. */
import { apply } from '../document/apply';
import { difference } from '../document/difference';
import { jointAt, sameJoint } from '../document/skeleton';
import type { Candidates, Document, Operation } from '../document/types';

type Taking = Extract<Operation, { type: 'takeEstimate' }>;

/** The estimate that operations took and built on; null where other joints came after it. */
function takenBy(operations: readonly Operation[]): Taking | null {
  let taken: Taking | null = null;
  for (const operation of operations) {
    if (operation.type === 'takeEstimate') taken = operation;
    else if (operation.type === 'setSkeleton' || operation.type === 'chooseCandidate') taken = null;
  }
  return taken;
}

/**
 * Operations that turn `theirs` into `document`, in which `mine` were merged.
 *
 * Where joints of an estimate that I took stand in the result, it is taken there too, and what
 * differs is placed after it: so the server knows which joints follow from which frames.
 */
export function onTopOf(
  theirs: Document,
  document: Document,
  mine: readonly Operation[],
  candidates: Candidates,
): Operation[] {
  const taken = takenBy(mine);
  const stands =
    taken !== null &&
    document.candidateId === theirs.candidateId &&
    taken.joints.some(
      (joint, i) =>
        joint.v > 0 &&
        sameJoint(joint, jointAt(document.skeleton, i)) &&
        !sameJoint(joint, jointAt(theirs.skeleton, i)),
    );
  if (taken === null || !stands) return difference(theirs, document);
  const after = apply(theirs, taken, candidates).document;
  return [taken, ...difference(after, document)];
}
