/**
 * Undo and redo as pairs of an operation and its inverse, one history per frame.
 *
 * A gesture sets a mark when it begins. It then either squashes what happened since into one step,
 * or bails out and everything since the mark is taken back without a trace.
 */
import type { Operation, Pair } from '../document/types';

/** One press of Ctrl+Z. */
interface Step {
  readonly label: string;
  /** Steps in several frames that were one to the person. */
  readonly group?: number;
  readonly pairs: readonly Pair[];
}

interface Mark {
  readonly mark: string;
  readonly pairs: readonly Pair[];
}

export interface History {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
  /** Marks of gestures still under way, the innermost last. */
  readonly open: readonly Mark[];
}

export const EMPTY_HISTORY: History = { done: [], undone: [], open: [] };

/** Steps kept per frame; more than a person goes back, few enough for ten thousand frames. */
const LIMIT = 200;

/** Begin a gesture. */
export function mark(history: History, label: string): History {
  return { ...history, open: [...history.open, { mark: label, pairs: [] }] };
}

/** Note what was done: into the open gesture, or as a step of its own. */
export function record(
  history: History,
  pairs: readonly Pair[],
  label: string,
  group?: number,
): History {
  if (pairs.length === 0) return history;
  const innermost = history.open.at(-1);
  if (innermost !== undefined) {
    // A drag comes to one move of each joint, however many the hand makes.
    const extended = { ...innermost, pairs: squashed([...innermost.pairs, ...pairs]) };
    return { ...history, undone: [], open: [...history.open.slice(0, -1), extended] };
  }
  const step: Step = group === undefined ? { label, pairs } : { label, pairs, group };
  return { ...history, done: [...history.done, step].slice(-LIMIT), undone: [] };
}

/** Give up the innermost gesture; apply `operations` in order to be back where it began. */
export function bail(history: History): { history: History; operations: Operation[] } {
  const innermost = history.open.at(-1);
  if (innermost === undefined) return { history, operations: [] };
  return {
    history: { ...history, open: history.open.slice(0, -1) },
    operations: backwards(innermost.pairs),
  };
}

/** Finish the innermost gesture as one step; `operations` are what it came to, for saving. */
export function squash(history: History): { history: History; operations: Operation[] } {
  const innermost = history.open.at(-1);
  if (innermost === undefined) return { history, operations: [] };
  const pairs = squashed(innermost.pairs);
  const closed = { ...history, open: history.open.slice(0, -1) };
  return {
    history: record(closed, pairs, innermost.mark),
    operations: pairs.map((pair) => pair.operation),
  };
}

/** Take the last step back; nothing happens while a gesture is open. */
export function undo(
  history: History,
): { history: History; operations: Operation[]; label: string } | null {
  const step = history.done.at(-1);
  if (step === undefined || history.open.length > 0) return null;
  return {
    history: {
      ...history,
      done: history.done.slice(0, -1),
      undone: [...history.undone, step],
    },
    operations: backwards(step.pairs),
    label: step.label,
  };
}

/** Do the step that was taken back last once more. */
export function redo(
  history: History,
): { history: History; operations: Operation[]; label: string } | null {
  const step = history.undone.at(-1);
  if (step === undefined || history.open.length > 0) return null;
  return {
    history: {
      ...history,
      done: [...history.done, step],
      undone: history.undone.slice(0, -1),
    },
    operations: step.pairs.map((pair) => pair.operation),
    label: step.label,
  };
}

/** Join the last two steps into one: ten nudges in a row are one thing to undo. */
export function squashLastTwo(history: History): History {
  const [first, second] = history.done.slice(-2);
  if (first === undefined || second === undefined) return history;
  const joined = { label: second.label, pairs: squashed([...first.pairs, ...second.pairs]) };
  return { ...history, done: [...history.done.slice(0, -2), joined] };
}

const backwards = (pairs: readonly Pair[]): Operation[] =>
  pairs.map((pair) => pair.inverse).reverse();

/**
 * Moves of one joint in a row become one: the last place, and the way back to the first.
 *
 * Moves of different joints do not touch each other, so that dragging a whole skeleton comes to one
 * move per joint however many steps the hand took.
 */
function squashed(pairs: readonly Pair[]): Pair[] {
  const result: Pair[] = [];
  /** Where in `result` a joint was moved or placed, since anything else happened. */
  let places = new Map<number, number>();
  for (const pair of pairs) {
    const { operation } = pair;
    if (operation.type !== 'moveJoint' && operation.type !== 'placeJoint') {
      places = new Map();
      result.push(pair);
      continue;
    }
    const at = places.get(operation.joint);
    const before = at === undefined ? undefined : result[at];
    if (at !== undefined && before !== undefined && operation.type === 'moveJoint') {
      const { x, y } = operation;
      const merged = { ...before.operation, x, y } as Pair['operation'];
      result[at] = { operation: merged, inverse: before.inverse };
    } else {
      places.set(operation.joint, result.length);
      result.push(pair);
    }
  }
  return result;
}

/** Where a joint was before the last step that took it away; null if no step did. */
export function lastPlaceOf(history: History, joint: number): { x: number; y: number } | null {
  const pairs = history.done.flatMap((step) => step.pairs);
  for (const { inverse } of pairs.reverse()) {
    if (inverse.type === 'placeJoint' && inverse.joint === joint && inverse.visibility !== 0) {
      return { x: inverse.x, y: inverse.y };
    }
    const before = inverse.type === 'setSkeleton' ? inverse.joints?.[joint] : undefined;
    if (before !== undefined && before.v !== 0) return { x: before.x, y: before.y };
  }
  return null;
}
