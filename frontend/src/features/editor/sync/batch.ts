/** What waits to be saved, and the two doors that the queue needs: a server and a memory. */
import type { Snapshot } from '../document/received';
import type { Candidates, Operation } from '../document/types';

const BOX_OPERATIONS: ReadonlySet<Operation['type']> = new Set(['drawBox', 'setBox', 'judgeBox']);

/** Whether something of a frame's box is changed. */
export const isAboutBox = (operations: readonly Operation[]): boolean =>
  operations.some(({ type }) => BOX_OPERATIONS.has(type));

/** Operations on one frame that travel together under one id, so that a retry changes nothing. */
export interface Batch {
  readonly operationId: string;
  readonly recordingId: number;
  readonly frameId: number;
  readonly userId: number;
  /** The browser tab that made it; another tab takes it over only when that one is gone. */
  readonly tab: string;
  /** Order within the frame. */
  readonly sequence: number;
  /** The version that the first of a frame's batches starts from. */
  readonly baseVersion: number;
  /** The same of the box; null where none was shown, and in batches from before boxes were sent. */
  readonly baseBoxVersion?: number | null;
  readonly operations: readonly Operation[];
  readonly createdAt: number;
  /** How long the frame was looked at before this; not known in batches of an earlier version. */
  readonly secondsShown?: number;
}

/** A batch with more operations in it, and the time for which the frame was looked at meanwhile. */
export function grown(
  batch: Batch,
  operations: readonly Operation[],
  secondsShown: number | undefined,
): Batch {
  const all = { ...batch, operations: [...batch.operations, ...operations] };
  if (secondsShown === undefined) return all;
  return { ...all, secondsShown: (batch.secondsShown ?? 0) + secondsShown };
}

export type SendResult =
  | { readonly kind: 'saved'; readonly snapshot: Snapshot }
  | { readonly kind: 'stale'; readonly current: Snapshot; readonly base: Snapshot | null }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'unreachable' };

export interface Transport {
  send(batch: Batch): Promise<SendResult>;
  /** The frame's machine-made people, for merging what was left over from another day. */
  candidates(frameId: number): Promise<Candidates>;
}

/** Survives reloads, crashes and power cuts as far as the browser does. */
export interface Memory {
  all(): Promise<Batch[]>;
  /** Remove and add in one transaction, so that nothing is lost between the two. */
  replace(remove: readonly string[], put: readonly Batch[]): Promise<void>;
}

export type SaveStatus =
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving'; readonly changes: number }
  | { readonly kind: 'offline'; readonly changes: number }
  | { readonly kind: 'signed-out'; readonly changes: number }
  | { readonly kind: 'conflict'; readonly changes: number; readonly frames: readonly number[] }
  | {
      readonly kind: 'refused';
      readonly changes: number;
      readonly frames: readonly number[];
      readonly message: string;
    };
