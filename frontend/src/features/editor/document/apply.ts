/** Performing operations: the TypeScript twin of `backend/domain/document.py`. */
import { JOINTS, MIRROR, N_JOINTS } from '@/shared/domain/rules.gen';
import {
  countPresent,
  emptySkeleton,
  isKept,
  isPresent,
  jointAt,
  makeBox,
  makeJoint,
  makeSkeleton,
  sameSkeleton,
  swapped,
} from './skeleton';
import {
  type Candidates,
  type Decision,
  type Document,
  type DrawnBox,
  InvalidOperation,
  type Joint,
  type Operation,
  type Skeleton,
} from './types';

export interface Applied {
  readonly document: Document;
  readonly inverse: Operation;
}

/**
 * Perform one operation.
 *
 * @throws InvalidOperation when it does not fit the document; nothing is changed.
 */
export function apply(document: Document, operation: Operation, candidates: Candidates): Applied {
  switch (operation.type) {
    case 'setVerdict': {
      const decision = makeDecision(operation);
      if (decision.verdict === 'keep' && countPresent(document.skeleton) === 0) {
        throw new InvalidOperation(
          'A kept frame needs an infant: choose a person or place joints.',
        );
      }
      return {
        document: { ...document, decision },
        inverse: { type: 'setVerdict', ...document.decision },
      };
    }
    case 'chooseCandidate': {
      const skeleton = candidates.get(operation.candidateId);
      if (skeleton === undefined) {
        throw new InvalidOperation(`This frame has no candidate ${operation.candidateId}.`);
      }
      return {
        document: checked({ ...document, candidateId: operation.candidateId, skeleton }),
        inverse: wholeSkeleton(document),
      };
    }
    case 'setSkeleton': {
      const { candidateId, joints } = operation;
      const skeleton = joints === null ? null : makeSkeleton(joints);
      if (candidateId !== null && !candidates.has(candidateId)) {
        throw new InvalidOperation(`This frame has no candidate ${candidateId}.`);
      }
      return {
        document: checked({ ...document, candidateId, skeleton }),
        inverse: wholeSkeleton(document),
      };
    }
    case 'takeEstimate':
      return {
        document: checked({ ...document, skeleton: makeSkeleton(operation.joints) }),
        inverse: wholeSkeleton(document),
      };
    case 'swapSides': {
      if (document.skeleton === null) {
        throw new InvalidOperation('There is no skeleton to swap.');
      }
      return {
        document: {
          ...document,
          skeleton: swapped(document.skeleton, exchanged(operation.joints ?? null)),
        },
        inverse: operation,
      };
    }
    case 'setMark':
      return {
        document: { ...document, mark: operation.mark },
        inverse: { type: 'setMark', mark: document.mark },
      };
    case 'drawBox': {
      const { x, y, width, height } = operation;
      return withBox(document, (now, madeFrom) =>
        makeBox({ x, y, width, height, madeFrom, status: now?.status ?? 'proposed' }),
      );
    }
    case 'setBox':
      return withBox(document, () => (operation.box === null ? null : makeBox(operation.box)));
    case 'judgeBox':
      return withBox(document, (now, skeleton) => {
        if (now === null) throw new InvalidOperation('This frame has no box to judge.');
        if (operation.status === 'approved' && !sameSkeleton(now.madeFrom, skeleton)) {
          throw new InvalidOperation(
            'The joints changed since this box was made: make a new mask or redraw the box.',
          );
        }
        return { ...now, status: operation.status };
      });
    case 'placeJoint': {
      const { joint, x, y, visibility } = operation;
      return withJoint(document, joint, () => makeJoint(x, y, visibility));
    }
    case 'moveJoint': {
      const { joint, x, y } = operation;
      return withJoint(document, joint, (now) => {
        if (!isPresent(now)) {
          throw new InvalidOperation(`${JOINTS[joint]} is not present: place it first.`);
        }
        return makeJoint(x, y, now.v);
      });
    }
    case 'setVisibility': {
      const { joint, visibility } = operation;
      return withJoint(document, joint, (now) => {
        if (!isPresent(now) && visibility !== 0) {
          throw new InvalidOperation(`${JOINTS[joint]} has no place yet: place it first.`);
        }
        return makeJoint(now.x, now.y, visibility);
      });
    }
  }
}

/** The joints that an exchange of sides concerns; null: all of them. */
function exchanged(joints: readonly number[] | null): readonly number[] {
  if (joints === null) return [...JOINTS.keys()];
  if (joints.length === 0) throw new InvalidOperation('There is no joint to swap.');
  for (const index of joints) {
    if (JOINTS[index] === undefined) {
      throw new InvalidOperation(`There is no joint ${index}; joints are numbered 0 to 16.`);
    }
    if (MIRROR[index] === index) throw new InvalidOperation(`${JOINTS[index]} has no other side.`);
  }
  return joints;
}

/** Perform several operations in order; all or none. */
export function applyAll(
  document: Document,
  operations: readonly Operation[],
  candidates: Candidates,
): Document {
  return operations.reduce(
    (now, operation) => apply(now, operation, candidates).document,
    document,
  );
}

function makeDecision(operation: Extract<Operation, { type: 'setVerdict' }>): Decision {
  const { verdict } = operation;
  const reason = operation.reason ?? null;
  const text = operation.text || null;
  if (verdict === 'discard') {
    if (reason === null) throw new InvalidOperation('Say why the frame is discarded.');
    if (reason === 'other' && !(text ?? '').trim()) {
      throw new InvalidOperation('The reason “other” needs a few words.');
    }
  } else if (reason !== null || text !== null) {
    throw new InvalidOperation('Only a discarded frame has a reason.');
  }
  return { verdict, reason, text };
}

/** Only a kept frame has a box; the way back is always the whole box before. */
function withBox(
  document: Document,
  change: (now: DrawnBox | null, skeleton: Skeleton) => DrawnBox | null,
): Applied {
  const { skeleton, box } = document;
  if (!isKept(document) || skeleton === null) {
    throw new InvalidOperation('Only a kept frame has a box.');
  }
  return {
    document: { ...document, box: change(box, skeleton) },
    inverse: { type: 'setBox', box },
  };
}

/** A kept frame must not lose its last joint without the verdict being taken back first. */
function checked(document: Document): Document {
  if (document.decision.verdict === 'keep' && countPresent(document.skeleton) === 0) {
    throw new InvalidOperation('A kept frame needs at least one joint; clear the verdict first.');
  }
  return document;
}

const wholeSkeleton = (before: Document): Operation => ({
  type: 'setSkeleton',
  candidateId: before.candidateId,
  joints: before.skeleton,
});

function withJoint(before: Document, index: number, change: (now: Joint) => Joint): Applied {
  if (!Number.isInteger(index) || index < 0 || index >= N_JOINTS) {
    throw new InvalidOperation(`There is no joint ${index}; joints are numbered 0 to 16.`);
  }
  const now = jointAt(before.skeleton, index);
  const next = change(now);
  const skeleton: Skeleton = (before.skeleton ?? emptySkeleton()).map((joint, i) =>
    i === index ? next : joint,
  );
  const inverse: Operation =
    before.skeleton === null
      ? wholeSkeleton(before)
      : { type: 'placeJoint', joint: index, x: now.x, y: now.y, visibility: now.v };
  return { document: checked({ ...before, skeleton }), inverse };
}
