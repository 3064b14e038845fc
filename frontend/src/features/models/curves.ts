/** Rows of a run as lines of a plot. */

export interface CurveRow {
  epoch: number;
  step: number;
  losses?: Record<string, number>;
  rate?: number;
  scores?: Record<string, number>;
}

export interface Line {
  name: string;
  points: readonly { x: number; y: number }[];
}

const lineOf = (name: string, rows: readonly CurveRow[], of: (row: CurveRow) => unknown): Line => ({
  name,
  points: rows.flatMap((row) => {
    const y = of(row);
    return typeof y === 'number' && Number.isFinite(y) ? [{ x: row.step, y }] : [];
  }),
});

/**
 * One line for each loss; their sum first, and alone where it has one part only. What networks count
 * beside them is left out.
 */
export function lossLines(rows: readonly CurveRow[]): Line[] {
  const trained = rows.filter((row) => row.losses);
  const told = [...new Set(trained.flatMap((row) => Object.keys(row.losses ?? {})))];
  const names = told.filter((name) => name.includes('loss'));
  const shown = names.length <= 2 ? names.slice(0, 1) : names;
  return shown.map((name) => lineOf(name, trained, (row) => row.losses?.[name]));
}

export function scoreLines(rows: readonly CurveRow[]): Line[] {
  const measured = rows.filter((row) => row.scores);
  const names = [...new Set(measured.flatMap((row) => Object.keys(row.scores ?? {})))];
  return names.map((name) => lineOf(name, measured, (row) => row.scores?.[name]));
}

export function rateLine(rows: readonly CurveRow[]): Line {
  return lineOf('learning rate', rows, (row) => row.rate);
}

/** Smallest and largest value of some lines; a little room where they are one. */
export function rangeOf(lines: readonly Line[], axis: 'x' | 'y'): [number, number] {
  const values = lines.flatMap((line) => line.points.map((point) => point[axis]));
  if (!values.length) return [0, 1];
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low === high
    ? [low - 0.5 * Math.abs(low || 1), high + 0.5 * Math.abs(high || 1)]
    : [low, high];
}
