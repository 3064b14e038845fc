/** What is to be said of body fits, in words and numbers; no drawing, no requests. */
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import type { Fit, FitRun, FitStatus, Moment } from './types';

/** How a moment looks in the timeline: where its fit stands, what it needs. */
export type MomentLook = 'none' | 'fitted' | 'failed' | 'stale' | 'verified' | 'rejected';

export const LOOK_LABELS: Record<MomentLook, string> = {
  none: 'No fit',
  fitted: 'Not judged',
  failed: 'Outside the gate',
  stale: 'Out of date',
  verified: 'Verified',
  rejected: 'Rejected',
};

export const LOOKS: readonly MomentLook[] = [
  'verified',
  'fitted',
  'failed',
  'stale',
  'rejected',
  'none',
];

/** Stale comes first: what was said of an older fit does not hold for today's joints. */
export function lookOf(fit: Fit | undefined): MomentLook {
  if (!fit) return 'none';
  if (fit.stale) return 'stale';
  if (fit.status !== 'fitted') return fit.status;
  return fit.gate_passed ? 'fitted' : 'failed';
}

export interface FitMark {
  key: string;
  tone: 'ok' | 'warn' | 'danger' | 'info';
  label: string;
  help: string;
}

/** How many moments of a run had a scan, in words; null where the recording has no scans. */
export function scansOf(run: FitRun): string | null {
  const scans = run.summary.scans as { moments?: unknown; of?: unknown } | null | undefined;
  if (typeof scans?.moments !== 'number' || typeof scans.of !== 'number') return null;
  return `${scans.moments} of ${count(scans.of, 'moment')}`;
}

/** Mean standard deviation of the joints along an axis as the sequence leaves it, metres; null where
 * the moment belongs to none. */
export function spreadOf(fit: Fit): number | null {
  const spread = fit.metrics.spread_m;
  if (!Array.isArray(spread)) return null;
  const known = spread.filter((value): value is number => typeof value === 'number');
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

/** What about the body of a run no infant of its age has, in words. */
export function unusualOf(run: FitRun | undefined): string[] {
  const found = run?.summary.unusual;
  return Array.isArray(found) ? found.filter((text) => typeof text === 'string') : [];
}

/** What a fit is measured by. */
export interface Gate {
  /** Largest mean error, of all views and of each. */
  mean: number;
  /** Largest error of a single joint in a view; null where there is no such limit. */
  single: number | null;
}

export function gateOf(run: FitRun | undefined, defaultPx: number): Gate {
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  return {
    mean: number(run?.config.gate_px) ?? defaultPx,
    single: number(run?.config.gate_single_px),
  };
}

/** Why a fit lies outside the gate: the first thing that is too far off, in words. */
export function whyOutside(
  fit: Fit,
  gate: Gate,
  cameraNames: ReadonlyMap<number, string>,
): { label: string; help: string } {
  const name = (cameraId: number) => cameraNames.get(cameraId) ?? `camera ${cameraId}`;
  if ((fit.mean_error_px ?? 0) > gate.mean) {
    return {
      label: `Above the ${gate.mean} px gate`,
      help: `The joints miss the placed ones by ${formatPx(fit.mean_error_px)} px on average.`,
    };
  }
  const view = fit.views.find((v) => (v.mean_error_px ?? 0) > gate.mean);
  if (view) {
    return {
      label: `${name(view.camera_id)} above the ${gate.mean} px gate`,
      help: `In this view the joints miss the placed ones by ${formatPx(view.mean_error_px)} px on average. Are they on the wrong side, or has the camera moved?`,
    };
  }
  const { single } = gate;
  for (const { camera_id, errors } of single === null ? [] : fit.views) {
    const worst = errors.findIndex((px) => px !== null && px > (single ?? 0));
    if (worst < 0) continue;
    const px = formatPx(errors[worst]);
    return {
      label: `${JOINT_LABELS[worst]} off by ${px} px in ${name(camera_id)}`,
      help: `No single joint of a view may miss by more than ${single} px.`,
    };
  }
  return { label: 'Too few joints', help: 'The fit rests on fewer joints than the gate asks for.' };
}

/** What a person should know of a fit before judging it. */
export function marksOf(
  fit: Fit,
  gate: Gate,
  cameraNames: ReadonlyMap<number, string> = new Map(),
): FitMark[] {
  const marks: FitMark[] = [];
  if (fit.stale) {
    marks.push({
      key: 'stale',
      tone: 'warn',
      label: 'Out of date',
      help: 'A joint or a scan of this moment was changed after the fit was made. Fit it again, then judge it.',
    });
  }
  marks.push(
    fit.gate_passed
      ? {
          key: 'gate',
          tone: 'ok',
          label: `Within ${gate.mean} px`,
          help: `The placed joints are at most ${gate.mean} px from the body's, on average over all views and in each of them.`,
        }
      : { key: 'gate', tone: 'danger', ...whyOutside(fit, gate, cameraNames) },
  );
  if (fit.metrics.bridged === true) {
    marks.push({
      key: 'bridged',
      tone: 'warn',
      label: 'Placed by the sequence alone',
      help: 'Too few joints were placed in this moment: the moments before and after it say where the body is.',
    });
  }
  if (!fit.converged) {
    marks.push({
      key: 'converged',
      tone: 'warn',
      label: 'Did not converge',
      help: 'The solver ran out of steps before it converged. The pose may still be fine.',
    });
  }
  if (fit.assumed_camera) {
    marks.push({
      key: 'assumed',
      tone: 'warn',
      label: 'Assumed camera',
      help: 'Nothing is known of the camera, so a usual lens was assumed: size and distance are not metric.',
    });
  }
  if (fit.self_intersections > 0) {
    marks.push({
      key: 'intersections',
      tone: 'warn',
      label: count(fit.self_intersections, 'self-intersection'),
      help: 'The number of pairs of limbs that pass through each other.',
    });
  }
  return marks;
}

/** Fits that pass the gate, belong to today's joints, and that nobody judged. */
export function readyToVerify(fits: readonly Fit[]): Fit[] {
  return fits.filter((f) => f.status === 'fitted' && f.gate_passed && !f.stale);
}

/** The fits among `fits` on which a verdict would change something and is allowed. */
export function judgeable(fits: readonly Fit[], status: FitStatus): Fit[] {
  if (status === 'verified') return fits.filter((f) => !f.stale && f.status !== 'verified');
  if (status === 'fitted') return fits.filter((f) => f.status !== 'fitted');
  return [...fits];
}

/** Position in `moments` of the next one whose fit waits for a verdict, around the end. */
export function nextUnjudged(
  moments: readonly Moment[],
  fitOf: (momentId: number) => Fit | undefined,
  from: number,
): number | null {
  for (let step = 1; step <= moments.length; step++) {
    const at = (from + step) % moments.length;
    const moment = moments[at];
    const fit = moment && fitOf(moment.id);
    if (fit && fit.status === 'fitted' && !fit.stale) return at;
  }
  return null;
}

/** Position of the last moment at or before a time. */
export function momentAt(moments: readonly Moment[], time: number): number {
  let low = 0;
  let high = moments.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((moments[middle]?.time_s ?? 0) <= time) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** Pixels in few digits: `0.42`, `6.1`, `23`. */
export function formatPx(px: number | null | undefined): string {
  if (px === null || px === undefined || Number.isNaN(px)) return '–';
  if (px >= 20) return px.toFixed(0);
  return px >= 1 ? px.toFixed(1) : px.toFixed(2);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
