import type { RunItem } from '@/shared/api/types';

/** A score as the papers print it: shares with three decimals, lengths with one. */
export function inScore(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) <= 1 ? value.toFixed(3) : value.toFixed(1);
}

/** What a run reached, in one line; null before it is done. */
export function resultOf(run: RunItem): string | null {
  const key = run.key_metric;
  if (!key || !run.scores) return null;
  const reached = run.test ?? run.scores;
  const before = run.test ? run.test_before : run.before;
  const from = before?.[key] === undefined ? '' : `${inScore(before[key])} → `;
  return `${key} ${from}${inScore(reached[key])} on ${run.test ? 'test' : 'validation'}`;
}

/** Metrics that stand in either of two sets, the deciding one first. */
export function metricNames(
  key: string | null,
  ...sets: (Record<string, number> | null)[]
): string[] {
  const names = new Set(sets.flatMap((set) => Object.keys(set ?? {})));
  return [...names].toSorted((a, b) => Number(b === key) - Number(a === key));
}
