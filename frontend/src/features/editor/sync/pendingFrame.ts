/** One frame in the autosave queue: what the server has, what waits, and what stands in the way. */
import { applyAll } from '../document/apply';
import type { Snapshot } from '../document/received';
import { isKept } from '../document/skeleton';
import { type Candidates, type Document, InvalidOperation } from '../document/types';
import { type Batch, isAboutBox, type SaveStatus } from './batch';
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

/** Whether changes start from this state; the box counts where one of them is about it. */
export function buildsOn(batches: readonly Batch[], { version, boxVersion }: Snapshot): boolean {
  const [first] = batches;
  const box = batches.some(({ operations }) => isAboutBox(operations));
  return first?.baseVersion === version && (!box || (first.baseBoxVersion ?? null) === boxVersion);
}

/**
 * The server's answer as a base for what still waits. Somebody may have changed the box meanwhile,
 * without standing in the way of a write to the joints: what waits and is about the box was made on
 * the one before, and is to be merged.
 */
export function asSeenBy(
  rest: readonly Batch[],
  sent: Batch,
  before: Snapshot | null,
  answer: Snapshot,
): Snapshot {
  const changed = answer.boxVersion !== (sent.baseBoxVersion ?? null);
  const waits = rest.some(({ operations }) => isAboutBox(operations));
  if (isAboutBox(sent.operations) || !changed || !waits) return answer;
  if (isKept(answer.document) && before !== null && !isKept(before.document)) return answer;
  const { box, boxVersion } = before ?? { box: null, boxVersion: sent.baseBoxVersion ?? null };
  const drawn = before?.document.box ?? answer.document.box;
  return { ...answer, boxVersion, box, document: { ...answer.document, box: drawn } };
}

/** Why the server does not have everything, in words. */
export const NOT_SAVED = {
  offline: 'The server cannot be reached, and some changes are waiting on this computer.',
  'signed-out': 'You are logged out, and some changes are waiting on this computer.',
  conflict: 'Somebody else changed the same thing; open the frame and choose.',
  refused: 'The server refused some changes; look at them at the top of the page.',
} as const;

export const NO_BASE =
  'Somebody else changed the frame, and the state that these changes build on is no longer known.';
