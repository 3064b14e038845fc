/** The shortest plain way from one document to another, as operations that the server accepts. */
import { isPresent, jointAt, sameDecision, sameJoint, sameSkeleton } from './skeleton';
import type { Document, Operation } from './types';

/**
 * Operations that turn `from` into `to`.
 *
 * Their order keeps each step valid: a kept frame never loses its last joint on the way.
 */
export function difference(from: Document, to: Document): Operation[] {
  const joints = jointOperations(from, to);
  if (sameDecision(from.decision, to.decision)) return joints;
  const verdict: Operation = { type: 'setVerdict', ...to.decision };
  return from.decision.verdict === 'keep' ? [verdict, ...joints] : [...joints, verdict];
}

function jointOperations(from: Document, to: Document): Operation[] {
  if (from.candidateId === to.candidateId && sameSkeleton(from.skeleton, to.skeleton)) return [];
  if (from.candidateId !== to.candidateId || from.skeleton === null || to.skeleton === null) {
    return [{ type: 'setSkeleton', candidateId: to.candidateId, joints: to.skeleton }];
  }
  const changes = to.skeleton
    .map((joint, index) => ({ joint, index }))
    .filter(({ joint, index }) => !sameJoint(joint, jointAt(from.skeleton, index)));
  // Those that stay present come first, so that there is always at least one joint if the end has one.
  const ordered = [
    ...changes.filter(({ joint }) => isPresent(joint)),
    ...changes.filter(({ joint }) => !isPresent(joint)),
  ];
  return ordered.map(({ joint, index }) => ({
    type: 'placeJoint',
    joint: index,
    x: joint.x,
    y: joint.y,
    visibility: joint.v,
  }));
}
