/**
 * Postures over time: the browser's copy of `backend/domain/posture_ranges.py`, because the lane
 * follows the hand. Both are held to `tests/vectors/postures.json`.
 */
import type { PostureLabel } from '@/shared/domain/postures';
import { sameLabel } from '@/shared/domain/postures';

export type Origin = 'placed' | 'proposed' | 'imported';

/** Moments to which a posture is given, both ends included; null takes away what lay there. */
export interface Stroke {
  readonly first: number;
  readonly last: number;
  readonly label: PostureLabel | null;
  readonly origin: Origin;
}

/** Moments of one posture, both ends included. */
export interface Range {
  readonly first: number;
  readonly last: number;
  readonly label: PostureLabel;
  readonly origin: Origin;
  /** Who said so, as far as it is known here. */
  readonly author: string | null;
}

function without(old: Range, { first, last }: Stroke): Range[] {
  if (old.last < first || last < old.first) return [old];
  return [
    ...(old.first < first ? [{ ...old, last: first - 1 }] : []),
    ...(old.last > last ? [{ ...old, first: last + 1 }] : []),
  ];
}

const same = (a: Range, b: Range): boolean =>
  sameLabel(a.label, b.label) && a.origin === b.origin && a.author === b.author;

/** In order of time, equal neighbours made one. */
export function merged(
  ranges: readonly Range[],
  equal: (a: Range, b: Range) => boolean = same,
): readonly Range[] {
  const found: Range[] = [];
  for (const part of [...ranges].sort((a, b) => a.first - b.first)) {
    const before = found.at(-1);
    if (before !== undefined && before.last + 1 === part.first && equal(before, part)) {
      found[found.length - 1] = { ...before, last: part.last };
    } else found.push(part);
  }
  return found;
}

/** Paint strokes over ranges, one after the other: what lay there is cut, split or replaced. */
export function paint(
  ranges: readonly Range[],
  strokes: readonly Stroke[],
  author: string | null,
): readonly Range[] {
  let found = [...ranges];
  for (const stroke of strokes) {
    found = found.flatMap((old) => without(old, stroke));
    if (stroke.label !== null) found.push({ ...stroke, label: stroke.label, author });
  }
  return merged(found);
}

/** What lies within moments, gaps included: painted later, it leads back to the labels of now. */
export function beneath(ranges: readonly Range[], first: number, last: number): readonly Stroke[] {
  const found: Stroke[] = [];
  let at = first;
  for (const part of ranges) {
    if (part.last < first || part.first > last) continue;
    const begin = Math.max(part.first, first);
    const end = Math.min(part.last, last);
    if (begin > at) found.push({ first: at, last: begin - 1, label: null, origin: 'placed' });
    found.push({ first: begin, last: end, label: part.label, origin: part.origin });
    at = end + 1;
  }
  if (at <= last) found.push({ first: at, last, label: null, origin: 'placed' });
  return found;
}

/** The last moment of a posture that begins now: as far as the next change. */
export function runsUntil(ranges: readonly Range[], start: number, moments: number): number {
  for (const part of ranges) {
    if (part.first <= start && start <= part.last) return part.last;
    if (part.first > start) return part.first - 1;
  }
  return moments - 1;
}

export const rangeAt = <R extends { readonly first: number; readonly last: number }>(
  ranges: readonly R[],
  moment: number,
): R | null => ranges.find(({ first, last }) => first <= moment && moment <= last) ?? null;

/** How many moments have a label. */
export const covered = (ranges: readonly { first: number; last: number }[]): number =>
  ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);

/**
 * The strokes that move a border between moments: what was on its growing side takes the moments
 * in between. `null` on a side is a gap.
 *
 * @param border the first moment right of it, before
 * @param to the first moment right of it, afterwards
 */
export function moveBorder(ranges: readonly Range[], border: number, to: number): Stroke | null {
  if (to === border) return null;
  const grown = rangeAt(ranges, to > border ? border - 1 : border);
  const [first, last] = to > border ? [border, to - 1] : [to, border - 1];
  if (first > last) return null;
  return { first, last, label: grown?.label ?? null, origin: grown?.origin ?? 'placed' };
}

/** Parts of proposals that nobody said anything about yet. */
export function untaken<P extends { readonly first: number; readonly last: number }>(
  proposals: readonly P[],
  ranges: readonly Range[],
): readonly P[] {
  return proposals.flatMap((proposal) => {
    let parts: P[] = [proposal];
    for (const { first, last } of ranges) {
      parts = parts.flatMap((part) => {
        if (part.last < first || last < part.first) return [part];
        return [
          ...(part.first < first ? [{ ...part, last: first - 1 }] : []),
          ...(part.last > last ? [{ ...part, first: last + 1 }] : []),
        ];
      });
    }
    return parts;
  });
}
