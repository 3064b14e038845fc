/** Acts on ranges as steps to undo: each is one, however many frames it has. */

/** An act that can be taken back, and what takes it back. */
export interface RangeStep {
  readonly label: string;
  readonly frames: ReadonlySet<number>;
  /** The operation id under which it was done last. */
  readonly operationId: string;
  /** How many edits of single frames there were before it. */
  readonly after: number;
}

export interface RangeSteps {
  readonly done: readonly RangeStep[];
  readonly undone: readonly RangeStep[];
}

export const NO_STEPS: RangeSteps = { done: [], undone: [] };
const LIMIT = 200;

/** What the editor did to single frames, by counting. */
export interface SingleEdits {
  /** How many so far. */
  readonly count: number;
  /** The number of the last one to a frame; 0 before the first. */
  lastOf(frameId: number): number;
}

export const did = (steps: RangeSteps, step: RangeStep): RangeSteps => ({
  done: [...steps.done, step].slice(-LIMIT),
  undone: [],
});

/**
 * Whether undo means the last act on a range: nothing was done since, or the frame that one looks
 * at belongs to it and was not changed since.
 */
export function nextToUndo(
  { done }: RangeSteps,
  edits: SingleEdits,
  frameId: number | null,
): RangeStep | null {
  const last = done.at(-1);
  return last !== undefined && isLatest(last, edits, frameId) ? last : null;
}

export function nextToRedo(
  { undone }: RangeSteps,
  edits: SingleEdits,
  frameId: number | null,
): RangeStep | null {
  const last = undone.at(-1);
  return last !== undefined && isLatest(last, edits, frameId) ? last : null;
}

function isLatest(step: RangeStep, edits: SingleEdits, frameId: number | null): boolean {
  if (edits.count === step.after) return true;
  return frameId !== null && step.frames.has(frameId) && edits.lastOf(frameId) <= step.after;
}

/** The step went from one side to the other, under the id of what took it there. */
export function moved(
  steps: RangeSteps,
  side: 'done' | 'undone',
  operationId: string,
  after: number,
): RangeSteps {
  const last = steps[side].at(-1);
  if (last === undefined) return steps;
  const step = { ...last, operationId, after };
  return side === 'done'
    ? { done: steps.done.slice(0, -1), undone: [...steps.undone, step] }
    : { done: [...steps.done, step], undone: steps.undone.slice(0, -1) };
}

/** An act that never came to be, because the server refused it and a person gave it up. */
export const without = (steps: RangeSteps, operationId: string): RangeSteps => ({
  done: steps.done.filter((step) => step.operationId !== operationId),
  undone: steps.undone.filter((step) => step.operationId !== operationId),
});
