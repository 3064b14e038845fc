/** One frame in the autosave queue: what the server has, what waits, and what stands in the way. */
import { applyAll } from '../document/apply';
import type { Snapshot } from '../document/received';
import { type Candidates, type Document, InvalidOperation } from '../document/types';
import type { Batch, SaveStatus } from './batch';
import type { Merge } from './merge';

type Problem =
  | { readonly kind: 'conflict'; readonly merge: Merge; readonly theirs: Snapshot }
  | { readonly kind: 'refused'; readonly message: string };

export interface PendingFrame {
  /** Null for changes left over from an earlier visit, until the server answers. */
  acknowledged: Snapshot | null;
  candidates: Candidates | null;
  batches: Batch[];
  /** Ids of batches that were on their way at least once: these must not grow any more. */
  attempted: Set<string>;
  sending: boolean;
  problem: Problem | null;
}

export const newFrame = (): PendingFrame => ({
  acknowledged: null,
  candidates: null,
  batches: [],
  attempted: new Set(),
  sending: false,
  problem: null,
});

export const isReady = (frame: PendingFrame): boolean =>
  frame.batches.length > 0 && !frame.sending && frame.problem === null;

/** What the person sees: the server's state with everything on top that waits. */
export function shownDocument(frame: PendingFrame): Document | null {
  const { acknowledged, candidates, problem, batches } = frame;
  if (acknowledged === null || candidates === null) return null;
  if (problem?.kind === 'conflict') return problem.merge.document;
  const operations = batches.flatMap((batch) => batch.operations);
  try {
    return applyAll(acknowledged.document, operations, candidates);
  } catch (error) {
    if (error instanceof InvalidOperation) return acknowledged.document;
    throw error;
  }
}

/** The one line that the person reads; what needs an answer comes before what only waits. */
export function statusOf(
  frames: ReadonlyMap<number, PendingFrame>,
  { signedOut, unreachable }: { signedOut: boolean; unreachable: boolean },
): SaveStatus {
  let changes = 0;
  const conflicts: number[] = [];
  const refused: number[] = [];
  let message = '';
  for (const [id, { batches, problem }] of frames) {
    changes += batches.length;
    if (problem?.kind === 'conflict') conflicts.push(id);
    if (problem?.kind === 'refused') {
      refused.push(id);
      message ||= problem.message;
    }
  }
  if (conflicts.length > 0) return { kind: 'conflict', changes, frames: conflicts };
  if (refused.length > 0) return { kind: 'refused', changes, frames: refused, message };
  if (changes === 0) return { kind: 'saved' };
  if (signedOut) return { kind: 'signed-out', changes };
  return { kind: unreachable ? 'offline' : 'saving', changes };
}
