/** What each split holds against what it should. */
import type { Target } from './form';
import type { FrameSearch } from './frames/search';
import type { Held, Infant } from './queries';

export interface SideSum {
  name: string;
  frames: number;
  infants: number;
  /** Share of all frames of the selection, 0 to 1. */
  share: number;
  /** Wanted share, 0 to 1; null where what is typed is no number. */
  target: number | null;
}

/** Frames and infants by split, in the order of the targets. */
export function sumsOf(table: readonly Infant[], targets: readonly Target[]): SideSum[] {
  const all = table.reduce((sum, infant) => sum + infant.frames, 0);
  return targets.map(({ name, share }) => {
    const held = table.filter((infant) => infant.split === name);
    const frames = held.reduce((sum, infant) => sum + infant.frames, 0);
    const wanted = Number(share);
    return {
      name,
      frames,
      infants: held.length,
      share: all ? frames / all : 0,
      target: share.trim() && Number.isFinite(wanted) ? wanted / 100 : null,
    };
  });
}

export function unassigned(table: readonly Infant[]): Infant[] {
  return table.filter((infant) => infant.split === null);
}

/** Those of some infants that can go to a split and are not in it yet. */
export function movable(
  table: readonly Infant[],
  infants: readonly number[],
  split: string | null,
): number[] {
  const wanted = new Set(infants);
  return table
    .filter((row) => wanted.has(row.id) && row.split !== split && !row.inherited)
    .map((row) => row.id);
}

/** Infants of the table whose pseudonym holds what is typed; `side` null is those in no split. */
export function shownInfants(
  table: readonly Infant[],
  q: string,
  side: string | null | undefined,
): Infant[] {
  const wanted = q.trim().toLowerCase();
  return table.filter(
    (row) =>
      (side === undefined || row.split === side) &&
      (!wanted || row.pseudonym.toLowerCase().includes(wanted)),
  );
}

/** Which frames a row counts; infants are counted by the frames that they are in. */
export function framesOf({ kind, name }: Pick<HeldRow, 'kind' | 'name'>): FrameSearch {
  const key = { source: 'source', age: 'ages', sex: 'sex', posture: 'posture' }[kind];
  return key === undefined ? {} : { [key]: name };
}

export interface HeldRow {
  kind: string;
  name: string;
  total: number;
  /** In the order of the splits. */
  cells: { split: string; amount: number; share: number; target: number }[];
}

/** One row for each thing that is balanced, in the order in which the server names them. */
export function heldRows(held: readonly Held[], splits: readonly string[]): HeldRow[] {
  const rows = new Map<string, HeldRow>();
  for (const { kind, name, total } of held) {
    const key = `${kind} ${name}`;
    if (!rows.has(key)) rows.set(key, { kind, name, total, cells: [] });
  }
  for (const row of rows.values()) {
    row.cells = splits.flatMap((split) => {
      const one = held.find((h) => h.kind === row.kind && h.name === row.name && h.split === split);
      if (!one) return [];
      const { amount, target } = one;
      return [{ split, amount, target, share: row.total ? amount / row.total : 0 }];
    });
  }
  return [...rows.values()];
}
