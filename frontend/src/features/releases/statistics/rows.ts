/** What the plots of a release's statistics show, from what the server counted. */
import { JOINT_LABELS, JOINTS } from '@/shared/domain/rules.gen';
import { humanise } from '@/shared/domain/words';
import type { FrameSearch } from '../frames/search';
import type { Statistics } from './queries';

/** Frames, joints or boxes of one name, and the frames behind them. */
export interface Part {
  name: string;
  value: number;
  search?: FrameSearch;
}

export interface Row {
  label: string;
  parts: Part[];
}

export const totalOf = (row: Row): number => row.parts.reduce((sum, part) => sum + part.value, 0);

export function splitsOf(statistics: Statistics): string[] {
  return [...new Set(statistics.table.map((row) => row.split))];
}

const inSplit =
  (split: string | undefined) =>
  (row: { split: string }): boolean =>
    split === undefined || row.split === split;

/** How each joint stands: visible, occluded, not present. */
export function jointRows(statistics: Statistics, split: string | undefined): Row[] {
  const sides = Object.entries(statistics.joints).filter(([name]) =>
    inSplit(split)({ split: name }),
  );
  return JOINTS.map((joint, i) => {
    const of = (state: number) =>
      sides.reduce((sum, [, counts]) => sum + (counts[joint]?.[state] ?? 0), 0);
    const part = (name: string, state: number, visibility: FrameSearch['visibility']): Part => ({
      name,
      value: of(state),
      search: { split, joint: i, visibility },
    });
    return {
      label: humanise(JOINT_LABELS[i] ?? joint),
      parts: [
        part('visible', 2, 'visible'),
        part('occluded', 1, 'occluded'),
        part('not present', 0, 'absent'),
      ],
    };
  });
}

/** A column for each month from the youngest to the oldest, those without a frame as well. */
export function ageRows(statistics: Statistics, split: string | undefined): Row[] {
  const rows = statistics.ages.filter(inSplit(split));
  const known = rows.flatMap((row) => (row.months === null ? [] : [row.months]));
  const frames = (months: number | null) =>
    rows.reduce((sum, row) => sum + (row.months === months ? row.frames : 0), 0);
  const row = (label: string, months: number | null): Row => ({
    label,
    parts: [{ name: 'frames', value: frames(months), search: { split, months: months ?? -1 } }],
  });
  const found: Row[] = [];
  for (let m = Math.min(...known); m <= Math.max(...known); m++) found.push(row(String(m), m));
  if (frames(null)) found.push(row('unknown', null));
  return found;
}

export function boxRows(statistics: Statistics, split: string | undefined): Row[] {
  const rows = statistics.box_sizes.filter(inSplit(split));
  return Array.from({ length: 10 }, (_, tenth) => ({
    label: `${10 * tenth}–${10 * tenth + 10}`,
    parts: [
      {
        name: 'boxes',
        value: rows.reduce((sum, row) => sum + (row.tenth === tenth ? row.boxes : 0), 0),
        search: { split, box: tenth },
      },
    ],
  }));
}

/** Largest first. */
const byTotal = (a: Row, b: Row): number => totalOf(b) - totalOf(a);

export function postureRows(statistics: Statistics, split: string | undefined): Row[] {
  const sums = new Map<string, number>();
  for (const row of (statistics.postures ?? []).filter(inSplit(split))) {
    sums.set(row.posture, (sums.get(row.posture) ?? 0) + row.frames);
  }
  return [...sums]
    .map(([posture, value]) => ({
      label: humanise(posture),
      parts: [{ name: 'frames', value, search: { split, posture } }],
    }))
    .sort(byTotal);
}

export function imageRows(statistics: Statistics): Row[] {
  return statistics.image_sizes
    .map(({ width, height, images }) => ({
      label: `${width} × ${height}`,
      parts: [{ name: 'images', value: images, search: { width, height } }],
    }))
    .sort(byTotal);
}

/** Cells of a map by shade, the lightest first; each list holds indices of cells. */
export function shades(counts: readonly number[], steps: number): number[][] {
  const most = Math.max(...counts, 1);
  const found: number[][] = Array.from({ length: steps }, () => []);
  counts.forEach((value, cell) => {
    // By the root: where joints are seldom is to be seen as well.
    if (value > 0) found[Math.max(0, Math.ceil(Math.sqrt(value / most) * steps) - 1)]?.push(cell);
  });
  return found;
}

export interface Spot {
  placed: number;
  /** Mean place and deviation, in torso lengths from the middle of the hips. */
  right: number;
  up: number;
  spread: number;
}

/** Where a joint mostly lies in a map; null where it never was. */
export function spotOf(counts: readonly number[], cells: number, reach: number): Spot | null {
  const size = (2 * reach) / cells;
  let [n, x, y, xx, yy] = [0, 0, 0, 0, 0];
  counts.forEach((value, cell) => {
    const right = ((cell % cells) + 0.5) * size - reach;
    const up = reach - (Math.floor(cell / cells) + 0.5) * size;
    n += value;
    x += value * right;
    y += value * up;
    xx += value * right * right;
    yy += value * up * up;
  });
  if (!n) return null;
  const spread = Math.sqrt(Math.max(0, xx / n - (x / n) ** 2 + yy / n - (y / n) ** 2));
  return { placed: n, right: x / n, up: y / n, spread };
}

/** `1 view`, `4 views`, `1 or 4 views`. */
export function viewsLabel(views: readonly number[] | null | undefined): string {
  if (!views?.length) return '–';
  const last = views.at(-1);
  const all = views.length > 1 ? `${views.slice(0, -1).join(', ')} or ${last}` : String(last);
  return `${all} ${last === 1 ? 'view' : 'views'}`;
}
