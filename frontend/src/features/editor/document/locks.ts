/** What the inspector approved and locked: the browser's word before the server's (`domain/locks.py`). */
import type { Operation } from './types';

const ON_BOX_OR_MARK = new Set<Operation['type']>(['drawBox', 'setBox', 'judgeBox', 'setMark']);

/** Why a change is not possible; null where it is. */
export function whyLocked(
  { approved_round = null }: { readonly approved_round?: number | null },
  operations: readonly Operation[],
): string | null {
  if (approved_round === null || operations.every(({ type }) => ON_BOX_OR_MARK.has(type))) {
    return null;
  }
  return `This frame was approved in round ${approved_round} and is locked.`;
}
