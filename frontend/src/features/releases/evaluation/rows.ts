import { isActive } from '@/shared/api/queries/jobs';
import type { Baseline, Board, Entry, Kind, Setting } from './queries';
import { lowerIsBetter } from './words';

/** The columns of each table; the first one orders the rows and gives the gain. */
export const COLUMNS: Readonly<Record<Kind, readonly string[]>> = {
  joints: ['AP', 'AP.5', 'AP.75', 'AR'],
  bodies: ['MPJPE', 'PA-MPJPE', 'PVE'],
  postures: ['top1', 'top1_balanced', 'top1_groups'],
};

/** A model's newest files of both settings, side by side. */
export interface Pair {
  model: string;
  entries: Readonly<Partial<Record<Setting, Entry>>>;
  /** What training on this dataset brought in the first column; positive is better. */
  gain: number | null;
}

export interface Sorted {
  pairs: readonly Pair[];
  /** Older files of a model and setting that has a newer one. */
  older: readonly Entry[];
}

const numberOf = (entry: Entry | undefined, name: string): number | null =>
  entry?.measures[name]?.value ?? null;

/** One row a model, the best first; entries come newest first. */
export function sortRows(entries: readonly Entry[], kind: Kind): Sorted {
  const first = COLUMNS[kind][0] ?? '';
  const better = lowerIsBetter(first) ? -1 : 1;
  const models = new Map<string, Partial<Record<Setting, Entry>>>();
  const older: Entry[] = [];
  for (const entry of entries) {
    const pair = models.get(entry.model) ?? {};
    if (pair[entry.setting]) older.push(entry);
    else models.set(entry.model, { ...pair, [entry.setting]: entry });
  }
  const pairs = [...models].map(([model, pair]): Pair => {
    const zero = numberOf(pair['zero-shot'], first);
    const tuned = numberOf(pair['fine-tuned'], first);
    return {
      model,
      entries: pair,
      gain: zero === null || tuned === null ? null : better * (tuned - zero),
    };
  });
  const best = ({ entries: pair }: Pair) =>
    Math.max(
      ...Object.values(pair).map((entry) => {
        const value = numberOf(entry, first);
        return value === null ? Number.NEGATIVE_INFINITY : better * value;
      }),
    );
  pairs.sort((a, b) => best(b) - best(a) || a.model.localeCompare(b.model));
  return { pairs, older };
}

/** Versions in the order of their numbers. */
export function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const step = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (step) return step;
  }
  return 0;
}

export interface HistoryRow {
  model: string;
  setting: Setting;
  /** The newest file by version. */
  byVersion: Readonly<Record<string, Entry>>;
}

/** The same model on several versions of the dataset; only models that have more than one. */
export function historyOf(
  board: Board,
  split: string,
  kind: Kind,
): { versions: string[]; rows: HistoryRow[] } {
  const rows = new Map<string, { model: string; setting: Setting; seen: Record<string, Entry> }>();
  for (const entry of [...board.entries, ...board.elsewhere]) {
    if (entry.split !== split || entry.kind !== kind) continue;
    const key = `${entry.setting} ${entry.model}`;
    const row = rows.get(key) ?? { model: entry.model, setting: entry.setting, seen: {} };
    row.seen[entry.version] ??= entry;
    rows.set(key, row);
  }
  const several = [...rows.values()].filter((row) => Object.keys(row.seen).length > 1);
  const versions = [...new Set(several.flatMap((row) => Object.keys(row.seen)))].sort(byVersion);
  return {
    versions,
    rows: several
      .map(({ model, setting, seen }) => ({ model, setting, byVersion: seen }))
      .sort((a, b) => a.model.localeCompare(b.model) || a.setting.localeCompare(b.setting)),
  };
}

/** The split that is shown first: the one that is asked for, `test`, or where entries are. */
export function chooseSplit(board: Board, asked: string | undefined): string {
  const names = board.splits.map((split) => split.name);
  if (asked && names.includes(asked)) return asked;
  const used = board.entries[0]?.split;
  if (names.includes('test')) return 'test';
  return used ?? names[0] ?? 'test';
}

/** What is reached on a split without looking at a picture. */
export function baselineOf(board: Board, split: string, kind: Kind): Baseline | null {
  return board.baselines.find((told) => told.split === split && told.kind === kind) ?? null;
}

const FAILED_AT_FIRST = 2;

/** Files that are being measured, and the latest that could not be; how many others there are. */
export function shownOfUnfinished(entries: readonly Entry[]): {
  shown: readonly Entry[];
  hidden: number;
} {
  const active = entries.filter((entry) => isActive(entry.job));
  const failed = entries.filter((entry) => !isActive(entry.job));
  const hidden = failed.length - FAILED_AT_FIRST;
  if (hidden < 1) return { shown: entries, hidden: 0 };
  return { shown: [...active, ...failed.slice(0, FAILED_AT_FIRST)], hidden };
}
