/** One frame's annotation as an immutable document, and the operations that change it. */
import type { Mark, Operation } from '@/shared/api/types';
import type { DiscardReason, Verdict, Visibility } from '@/shared/domain/rules.gen';

/** Image pixels, x to the right and y down; absent joints are (0, 0, 0). */
export interface Joint {
  readonly x: number;
  readonly y: number;
  readonly v: Visibility;
}

/** Seventeen joints in COCO order. */
export type Skeleton = readonly Joint[];

/** A verdict with its reason; only `discard` has one, and `other` needs a text. */
export interface Decision {
  readonly verdict: Verdict;
  readonly reason: DiscardReason | null;
  readonly text: string | null;
}

/** A box with the joints that it was drawn around, and what the inspector says of it. */
export type DrawnBox = NonNullable<Extract<Operation, { type: 'setBox' }>['box']>;

export interface Document {
  /** The machine-made person that the skeleton came from; null if placed by hand. */
  readonly candidateId: number | null;
  /** Null while nobody is chosen or placed. */
  readonly skeleton: Skeleton | null;
  readonly decision: Decision;
  /** The infant's box; only a kept frame shows it. */
  readonly box: DrawnBox | null;
  /** What the inspector says of the frame in this round. */
  readonly mark: Mark | null;
}

/**
 * What can be done to a document. The same JSON is kept in the undo history, sent by autosave and
 * stored in the offline queue; the server reads it with `backend/domain/document.py`.
 */
export type { Operation };

/** Skeletons of the frame's machine-made people by candidate id. */
export type Candidates = ReadonlyMap<number, Skeleton>;

/** An operation and the one that leads back. */
export interface Pair {
  readonly operation: Operation;
  readonly inverse: Operation;
}

export const UNDECIDED: Decision = { verdict: 'undecided', reason: null, text: null };
export const ABSENT_JOINT: Joint = { x: 0, y: 0, v: 0 };

/** The operation does not fit the document; nothing was changed. */
export class InvalidOperation extends Error {
  override name = 'InvalidOperation';
}
