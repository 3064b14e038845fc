/** What the inspector left open: the browser's word before the server's (`domain/locks.py`). */
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { changedJoints } from './skeleton';
import type { Document, Operation } from './types';

interface Locks {
  readonly approved_round?: number | null;
  readonly open_joints?: readonly number[] | null;
}

const ON_BOX_OR_MARK = new Set<Operation['type']>(['drawBox', 'setBox', 'judgeBox', 'setMark']);

/** Why a change is not possible; null where it is. */
export function whyLocked(
  { approved_round = null, open_joints = null }: Locks,
  operations: readonly Operation[],
  before: Document,
  after: Document,
): string | null {
  if (operations.every(({ type }) => ON_BOX_OR_MARK.has(type))) return null;
  if (approved_round !== null) {
    return `This frame was approved in round ${approved_round} and is locked.`;
  }
  if (open_joints === null) return null;
  const closed = changedJoints(before.skeleton, after.skeleton).filter(
    (i) => !open_joints.includes(i),
  );
  if (closed.length === 0) return null;
  const back = open_joints.map((i) => JOINT_LABELS[i]).join(', ');
  return `Only what was sent back can be changed here: ${back}.`;
}
