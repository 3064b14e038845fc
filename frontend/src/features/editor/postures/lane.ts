/** What of postures lies where under the filmstrip: runs of cells that say the same. */
import type { FrameItem } from '@/shared/api/types';
import { type PostureLabel, sameLabel } from '@/shared/domain/postures';
import type { Proposal } from './Postures';
import type { Range } from './timeline';

/** Cells of the strip that follow each other and show one posture, or one proposal. */
export interface Run {
  /** First cell, into the order. */
  readonly from: number;
  /** The cell after the last one. */
  readonly to: number;
  readonly label: PostureLabel;
  readonly kind: 'said' | 'proposed';
  /** Indices of the first and the last moment in it. */
  readonly first: number;
  readonly last: number;
}

interface Spoken {
  readonly label: PostureLabel;
  readonly kind: Run['kind'];
}

/** By moment what is said or, where nobody said anything, proposed. */
function spokenOf(ranges: readonly Range[], open: readonly Proposal[]): Map<number, Spoken> {
  const found = new Map<number, Spoken>();
  const put = (parts: readonly (Range | Proposal)[], kind: Run['kind']): void => {
    for (const { first, last, label } of parts) {
      for (let moment = first; moment <= last; moment++) found.set(moment, { label, kind });
    }
  };
  put(open, 'proposed');
  put(ranges, 'said');
  return found;
}

/** Runs along the strip; the moments of one rise or stay, as cameras follow each other. */
export function runsOf(
  frames: readonly FrameItem[],
  order: readonly number[],
  ranges: readonly Range[],
  open: readonly Proposal[],
): readonly Run[] {
  const spoken = spokenOf(ranges, open);
  const runs: Run[] = [];
  let run: Run | null = null;
  order.forEach((index, cell) => {
    const moment = frames[index]?.moment_index;
    const here = moment === undefined ? undefined : spoken.get(moment);
    if (here === undefined || moment === undefined) {
      run = null;
      return;
    }
    const goes =
      run !== null &&
      run.kind === here.kind &&
      sameLabel(run.label, here.label) &&
      moment >= run.last;
    if (run !== null && goes) {
      run = { ...run, to: cell + 1, last: moment };
      runs[runs.length - 1] = run;
    } else {
      run = { ...here, from: cell, to: cell + 1, first: moment, last: moment };
      runs.push(run);
    }
  });
  return runs;
}

/** How near to a border a hand has to be to hold it, in pixels. */
export const GRIP_PX = 4;

/** A border between what is said on its two sides. */
export interface Border {
  /** The cell right of it. */
  readonly cell: number;
  /** The first moment right of it. */
  readonly moment: number;
}

/** The border under a hand, or null. `x` is where, `cellPx` the width of a cell. */
export function borderAt(runs: readonly Run[], x: number, cellPx: number): Border | null {
  let best: Border | null = null;
  let near = GRIP_PX;
  for (const { kind, from, to, first, last } of runs) {
    if (kind !== 'said') continue;
    for (const border of [
      { cell: from, moment: first },
      { cell: to, moment: last + 1 },
    ]) {
      const away = Math.abs(border.cell * cellPx - x);
      if (away <= near) {
        best = border;
        near = away;
      }
    }
  }
  return best;
}

/** The moments of the cells between two, both included; null where a cell has none. */
export function momentsBetween(
  frames: readonly FrameItem[],
  order: readonly number[],
  a: number,
  b: number,
): { first: number; last: number } | null {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let cell = Math.min(a, b); cell <= Math.max(a, b); cell++) {
    const moment = frames[order[cell] ?? -1]?.moment_index;
    if (moment === undefined) continue;
    first = Math.min(first, moment);
    last = Math.max(last, moment);
  }
  return first <= last ? { first, last } : null;
}
