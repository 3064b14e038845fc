/** Which frames a marked range holds. */
import type { FrameItem } from '@/shared/api/types';

/** Of the moments between the marks: this camera's frames, or those of all cameras. */
export type Scope = 'camera' | 'moments';

export interface Marks {
  /** Ids of frames; null while a mark is not set. */
  readonly from: number | null;
  readonly to: number | null;
  readonly scope: Scope;
}

export const NO_MARKS: Marks = { from: null, to: null, scope: 'camera' };

/** Place the beginning or the end on a frame; the other stays, or comes along if it is not set. */
export function withMark(marks: Marks, which: 'from' | 'to', frameId: number): Marks {
  const { from, to } = marks;
  return which === 'from'
    ? { ...marks, from: frameId, to: to ?? frameId }
    : { ...marks, from: from ?? frameId, to: frameId };
}

/** From where one stood to where one went: the range begins where Shift was first held. */
export function extended(marks: Marks, before: number, now: number): Marks {
  const open = marks.from === null || marks.to !== before;
  return { ...marks, from: open ? before : marks.from, to: now };
}

/**
 * Frames of the range, as indices into `frames` in the order shown: what a filter hides does not
 * belong to it. The marks may stand in either order.
 */
export function framesIn(
  marks: Marks,
  frames: readonly FrameItem[],
  order: readonly number[],
): readonly number[] {
  const a = frames.find((item) => item.id === marks.from);
  const b = frames.find((item) => item.id === marks.to);
  if (a === undefined || b === undefined) return [];
  const first = Math.min(a.moment_index, b.moment_index);
  const last = Math.max(a.moment_index, b.moment_index);
  return order.filter((i) => {
    const item = frames[i];
    if (item === undefined || item.moment_index < first || item.moment_index > last) return false;
    return marks.scope === 'moments' || item.camera_id === b.camera_id;
  });
}

/** First and last frame of a marked range of one camera; null where none of several is marked. */
export function endsOf(
  { from, to }: Marks,
  frames: readonly FrameItem[],
): readonly [FrameItem, FrameItem] | null {
  const a = frames.find((item) => item.id === from);
  const b = frames.find((item) => item.id === to);
  if (a === undefined || b === undefined || a === b || a.camera_id !== b.camera_id) return null;
  return a.position < b.position ? [a, b] : [b, a];
}

/** Runs of neighbours in the order, as places in it: what is drawn as one bracket. */
export function runsOf(order: readonly number[], ids: ReadonlySet<number>): [number, number][] {
  const runs: [number, number][] = [];
  order.forEach((index, place) => {
    if (!ids.has(index)) return;
    const last = runs.at(-1);
    if (last !== undefined && last[1] === place - 1) last[1] = place;
    else runs.push([place, place]);
  });
  return runs;
}
