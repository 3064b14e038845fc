/** How long limbs are over a recording: bones do not grow within it, so every change is an error. */
import { LIMBS } from '@/shared/domain/rules.gen';
import { median } from './facts';
import type { Fit } from './types';

/** Both sides of each limb, by the server's names. */
const BONES = LIMBS.flatMap(({ name, left, right }) => [
  { name: `left ${name}`, ends: left },
  { name: `right ${name}`, ends: right },
]);

export interface LimbSeries {
  name: string;
  label: string;
  side: 'left' | 'right' | 'middle';
  /** Metres per fit; null where unknown. */
  lengths: (number | null)[];
  median: number;
  /** Half of the range that holds nine tenths, as a part of the median. */
  spread: number;
}

function between(fit: Fit, [a, b]: readonly [number, number]): number | null {
  const from = fit.joints[a];
  const to = fit.joints[b];
  if (!from || !to) return null;
  return Math.hypot(...from.map((v, axis) => v - (to[axis] ?? 0)));
}

function label(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.round(q * (sorted.length - 1))] ?? Number.NaN;
}

function series(name: string, lengths: (number | null)[]): LimbSeries | null {
  const known = lengths.filter((l): l is number => l !== null).sort((a, b) => a - b);
  if (!known.length) return null;
  const middle = median(known);
  const spread = (quantile(known, 0.95) - quantile(known, 0.05)) / 2 / middle;
  const side = name.startsWith('left') ? 'left' : name.startsWith('right') ? 'right' : 'middle';
  return { name, label: label(name), side, lengths, median: middle, spread };
}

/** Limb lengths as the fits tell them (from triangulated joints), else those of the fitted body. */
export function limbSeries(fits: readonly Fit[]): { limbs: LimbSeries[]; measured: boolean } {
  const told = fits.map(
    (fit) => (fit.metrics.limb_lengths_m ?? {}) as Record<string, number | null>,
  );
  const names = [...new Set(told.flatMap((lengths) => Object.keys(lengths)))];
  const measured = names
    .map((name) =>
      series(
        name,
        told.map((lengths) => lengths[name] ?? null),
      ),
    )
    .filter((limb) => limb !== null);
  if (measured.length) return { limbs: measured, measured: true };
  // One view alone measures nothing.
  const fitted = BONES.map(({ name, ends }) =>
    series(
      name,
      fits.map((fit) => between(fit, ends)),
    ),
  );
  return { limbs: fitted.filter((limb) => limb !== null), measured: false };
}
