/** The shortest plain way from one document to another, as operations that the server accepts. */
import {
  isKept,
  isPresent,
  jointAt,
  sameBox,
  sameDecision,
  sameJoint,
  samePlace,
  sameSkeleton,
} from './skeleton';
import type { Document, Operation } from './types';

/**
 * Operations that turn `from` into `to`.
 *
 * Their order keeps each step valid: a kept frame never loses its last joint on the way.
 */
export function difference(from: Document, to: Document): Operation[] {
  return [...labelOperations(from, to), ...boxOperations(from, to), ...markOperations(from, to)];
}

function labelOperations(from: Document, to: Document): Operation[] {
  const joints = jointOperations(from, to);
  if (sameDecision(from.decision, to.decision)) return joints;
  const verdict: Operation = { type: 'setVerdict', ...to.decision };
  return from.decision.verdict === 'keep' ? [verdict, ...joints] : [...joints, verdict];
}

/** They follow the joints and the verdict: a box belongs to a kept frame and its joints. */
function boxOperations({ box: before }: Document, to: Document): Operation[] {
  const { box } = to;
  if (!isKept(to) || sameBox(before, box)) return [];
  if (box === null) return [{ type: 'setBox', box }];
  const { x, y, width, height, status } = box;
  const fresh = sameSkeleton(box.madeFrom, to.skeleton);
  const judged: Operation = { type: 'judgeBox', status };
  if (before !== null && samePlace(before, box)) {
    return fresh || status !== 'approved' ? [judged] : [{ type: 'setBox', box }];
  }
  if (!fresh) return [{ type: 'setBox', box }];
  const drawn: Operation = { type: 'drawBox', x, y, width, height };
  return (before?.status ?? 'proposed') === status ? [drawn] : [drawn, judged];
}

function markOperations(from: Document, to: Document): Operation[] {
  return from.mark === to.mark ? [] : [{ type: 'setMark', mark: to.mark }];
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
