/** Where things stand in the timeline of a recording's fits; pixels from its left top corner. */
import { lookOf, type MomentLook } from './facts';
import type { Fit, Moment } from './types';

export interface Dot {
  /** Position in the list of moments. */
  at: number;
  x: number;
  y: number;
  look: MomentLook;
  /** The error lies above what the chart shows. */
  beyond: boolean;
}

interface Run {
  from: number;
  to: number;
  x: number;
  width: number;
  look: MomentLook;
}

export interface TimelineLayout {
  width: number;
  /** Height of the error chart, without the band of states. */
  height: number;
  /** Pixels per moment. */
  step: number;
  /** Largest error shown. */
  most: number;
  gateY: number;
  dots: Dot[];
  /** Neighbouring moments of one look, for the band. */
  runs: Run[];
}

/** Largest error that the chart must show: a little above the gate, at most 2.5 times it. */
export function chartTop(fits: readonly Fit[], gatePx: number): number {
  const worst = fits.reduce((most, fit) => Math.max(most, fit.mean_error_px ?? 0), 0);
  return Math.min(2.5 * gatePx, Math.max(1.25 * gatePx, worst * 1.1));
}

/** Room for half a sign above and below. */
const PAD = 5;

export function layTimeline(
  moments: readonly Moment[],
  fitOf: (momentId: number) => Fit | undefined,
  gatePx: number,
  width: number,
  height: number,
): TimelineLayout {
  const fits = moments.map((moment) => fitOf(moment.id));
  const most = chartTop(
    fits.filter((fit) => fit !== undefined),
    gatePx,
  );
  const step = moments.length ? width / moments.length : width;
  const y = (px: number) => height - PAD - (Math.min(px, most) / most) * (height - 2 * PAD);
  const dots: Dot[] = [];
  const runs: Run[] = [];
  fits.forEach((fit, at) => {
    const look = lookOf(fit);
    if (fit && fit.mean_error_px !== null) {
      const px = fit.mean_error_px;
      dots.push({ at, x: (at + 0.5) * step, y: y(px), look, beyond: px > most });
    }
    const last = runs.at(-1);
    if (last?.look === look) {
      last.to = at;
      last.width = (at + 1) * step - last.x;
    } else runs.push({ from: at, to: at, x: at * step, width: step, look });
  });
  return { width, height, step, most, gateY: y(gatePx), dots, runs };
}

/** The moment under a place of the timeline. */
export function momentUnder(x: number, width: number, moments: number): number {
  return Math.min(moments - 1, Math.max(0, Math.floor((x / width) * moments)));
}

/** A range of moments in either direction, both ends included. */
export function rangeOf(anchor: number | null, cursor: number): [number, number] {
  return anchor === null ? [cursor, cursor] : [Math.min(anchor, cursor), Math.max(anchor, cursor)];
}

const SHAPES: Record<MomentLook, (r: number) => string> = {
  // A disc, a ring, a triangle that points up, a square on its corner, a cross.
  verified: (r) => `m${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`,
  fitted: (r) => `m${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`,
  failed: (r) => `m0,${-1.2 * r}l${1.15 * r},${2 * r}h${-2.3 * r}z`,
  stale: (r) =>
    `m0,${-1.25 * r}l${1.25 * r},${1.25 * r}l${-1.25 * r},${1.25 * r}l${-1.25 * r},${-1.25 * r}z`,
  rejected: (r) => `m${-r},${-r}l${2 * r},${2 * r}m0,${-2 * r}l${-2 * r},${2 * r}`,
  none: () => '',
};

/** One SVG path with the signs of all dots of a look; a path each would be slow for thousands. */
export function signsPath(dots: readonly Dot[], look: MomentLook, radius: number): string {
  const sign = SHAPES[look](radius);
  return dots
    .filter((dot) => dot.look === look)
    .map(({ x, y }) => `M${x.toFixed(1)},${y.toFixed(1)}${sign}`)
    .join('');
}
