/** Points of known position, as they are pasted, clicked and sent. */
import type { ScenePoint, Vec3 } from './queries';

export type Unit = 'm' | 'cm' | 'mm';
const METRES: Record<Unit, number> = { m: 1, cm: 0.01, mm: 0.001 };

/** One row of the table; numbers stay as they were typed. */
export interface PointRow {
  key: number;
  name: string;
  xyz: [string, string, string];
  /** Camera's id to image place in pixels from the outer corner of the first. */
  seen: Record<number, [number, number]>;
}

export interface PastedPoints {
  points: { name: string; xyz: Vec3 }[];
  /** What could not be read, by line. */
  faults: string[];
}

/** `0,3` is a number where commas do not part columns. */
function toNumber(text: string, commaIsPoint: boolean): number {
  const plain = text.trim().replace(/^\+/, '').replace('−', '-');
  return plain ? Number(commaIsPoint ? plain.replace(',', '.') : plain) : Number.NaN;
}

/** How the columns of a line are parted: the strongest sign that it holds. */
function columnsOf(line: string): { cells: string[]; commaIsPoint: boolean } {
  if (line.includes('\t')) return { cells: line.split('\t'), commaIsPoint: true };
  if (line.includes(';')) return { cells: line.split(';'), commaIsPoint: true };
  const bare = line.replaceAll(/[[\](){}]/g, ' ').trim();
  const byComma = bare.split(',');
  // `0,3 1,2 0,0` is three numbers with decimal commas; `0.3, 1.2, 0` has commas between.
  if (byComma.length > 2 && !/\d,\d+\s+[-−+]?\d+,\d/.test(bare)) {
    return { cells: byComma, commaIsPoint: false };
  }
  return { cells: bare.split(/\s+/), commaIsPoint: true };
}

/**
 * Reads rows of `X Y Z` or `name X Y Z` from a spreadsheet or a text file. A first line without
 * numbers is a heading. Lengths are in `unit` and come out in metres.
 */
export function parsePoints(text: string, unit: Unit = 'm'): PastedPoints {
  const points: PastedPoints['points'] = [];
  const faults: string[] = [];
  const lines = text.split(/\r?\n/);
  let first = true;
  lines.forEach((line, index) => {
    if (!line.trim() || line.trim().startsWith('#')) return;
    const { cells, commaIsPoint } = columnsOf(line);
    while (cells.length > 3 && !cells.at(-1)?.trim()) cells.pop();
    const last = cells.slice(-3).map((cell) => toNumber(cell, commaIsPoint));
    const isHeading = first && last.every(Number.isNaN);
    first = false;
    if (isHeading) return;
    if (cells.length < 3 || last.some((n) => !Number.isFinite(n))) {
      faults.push(`Line ${index + 1}: “${line.trim()}” does not end in three numbers.`);
      return;
    }
    const scale = METRES[unit];
    const [x = 0, y = 0, z = 0] = last.map((n) => Math.round(n * scale * 1e6) / 1e6);
    const name = cells.slice(0, -3).join(' ').trim().replaceAll('"', '');
    points.push({ name, xyz: [x, y, z] });
  });
  return { points, faults };
}

let nextKey = 1;

export function newRow(name = '', xyz?: Vec3): PointRow {
  const cells = (xyz ?? ['', '', '']).map(String) as PointRow['xyz'];
  return { key: nextKey++, name, xyz: cells, seen: {} };
}

export function xyzOf(row: PointRow): Vec3 | null {
  const [x = Number.NaN, y = Number.NaN, z = Number.NaN] = row.xyz.map((t) => toNumber(t, true));
  return [x, y, z].every(Number.isFinite) ? [x, y, z] : null;
}

export function titleOf(row: PointRow, index: number): string {
  return row.name.trim() || `Point ${index + 1}`;
}

export function seenBy(rows: readonly PointRow[], cameraId: number): number {
  return rows.filter((row) => row.seen[cameraId] && xyzOf(row)).length;
}

/** The first point after `index` that is not clicked in a camera's picture yet, going round. */
export function nextUnseen(
  rows: readonly PointRow[],
  index: number,
  cameraId: number,
): number | null {
  for (let step = 1; step <= rows.length; step += 1) {
    const at = (index + step) % rows.length;
    if (!rows[at]?.seen[cameraId]) return at;
  }
  return null;
}

export function place(
  rows: readonly PointRow[],
  index: number,
  cameraId: number,
  at: [number, number] | null,
): PointRow[] {
  return rows.map((row, i) => {
    if (i !== index) return row;
    const { [cameraId]: _gone, ...rest } = row.seen;
    return { ...row, seen: at ? { ...rest, [cameraId]: at } : rest };
  });
}

const MIN_POINTS = 4;
export const GOOD_POINTS = 6;

/** Why points cannot place the cameras yet, in words; null when they can. */
export function pointsFault(
  rows: readonly PointRow[],
  cameras: readonly { id: number; name: string }[],
): string | null {
  const known = rows.flatMap((row) => xyzOf(row) ?? []);
  if (rows.some((row) => !xyzOf(row) && Object.keys(row.seen).length)) {
    return 'A point that you clicked has no position yet: X, Y and Z are numbers in metres.';
  }
  if (!known.length) return 'Enter the positions of the points first.';
  if (known.some((n) => Math.abs(n) > 100)) {
    return 'A position is more than 100 m away. Are the numbers in millimetres? They must be metres.';
  }
  const counts = cameras.map((camera) => ({ ...camera, points: seenBy(rows, camera.id) }));
  const begun = counts.filter((camera) => camera.points > 0);
  if (begun.length < 2) return 'Click the points in the pictures of at least two cameras.';
  const short = begun.find((camera) => camera.points < MIN_POINTS);
  if (short) {
    return `${short.name} has ${short.points} of at least ${MIN_POINTS} points; ${GOOD_POINTS} or more are better.`;
  }
  return null;
}

export function toScenePoints(rows: readonly PointRow[]): ScenePoint[] {
  return rows.flatMap((row, index) => {
    const xyz = xyzOf(row);
    if (!xyz || !Object.keys(row.seen).length) return [];
    return [{ name: titleOf(row, index), xyz, seen: row.seen as ScenePoint['seen'] }];
  });
}

const storageKey = (recordingId: number) => `infantnet.points.${recordingId}`;

/** Clicked points survive a reload: they are minutes of work. */
export function savePoints(recordingId: number, rows: PointRow[], storage = localStorage): void {
  try {
    if (rows.length) storage.setItem(storageKey(recordingId), JSON.stringify(rows));
    else storage.removeItem(storageKey(recordingId));
  } catch {
    // Storage is full or off: the page works, the points only do not survive a reload.
  }
}

export function loadPoints(recordingId: number, storage = localStorage): PointRow[] {
  try {
    const rows = JSON.parse(storage.getItem(storageKey(recordingId)) ?? '[]') as PointRow[];
    return rows.map((row) => ({ ...row, key: nextKey++ }));
  } catch {
    return [];
  }
}
