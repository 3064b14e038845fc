import { describe, expect, it } from 'vitest';
import {
  formatPx,
  judgeable,
  lookOf,
  marksOf,
  median,
  momentAt,
  nextUnjudged,
  readyToVerify,
  scansOf,
  whyOutside,
} from './facts';
import { limbSeries } from './limbs';
import { chartTop, layTimeline, momentUnder, rangeOf, signsPath } from './timeline';
import type { Fit, FitRun, Moment } from './types';
import { around, containing } from './view';

function makeFit(change: Partial<Fit> = {}): Fit {
  return {
    id: 1,
    run_id: 1,
    moment_id: 1,
    moment_index: 0,
    time_s: 0,
    version: 1,
    body_name: 'open-infant',
    body_sha256: '',
    betas: [],
    scale: 1,
    pose: [],
    translation: [0, 0, 0],
    joints: [],
    body_joints: [],
    mean_error_px: 6,
    gate_passed: true,
    converged: true,
    assumed_camera: false,
    self_intersections: 0,
    metrics: {},
    covariance: null,
    intervals_mm: null,
    quality_mm: null,
    trust: null,
    doubts: [],
    has_surface: false,
    status: 'fitted',
    reason: null,
    reason_text: null,
    stale: false,
    reviewed_by: null,
    reviewed_at: null,
    views: [],
    ...change,
  };
}

const moments: Moment[] = [0, 1, 2, 3].map((index) => ({
  id: index + 10,
  index,
  time_s: index / 2,
  frames: {},
}));
const of = (fits: Fit[]) => {
  const byMoment = new Map(fits.map((f) => [f.moment_id, f]));
  return (id: number) => byMoment.get(id);
};

const gate = { mean: 16, single: 40 };

describe('a fit in words', () => {
  it('is told by what matters most: changed joints, then the verdict, then the gate', () => {
    expect(lookOf(undefined)).toBe('none');
    expect(lookOf(makeFit({ stale: true, status: 'verified' }))).toBe('stale');
    expect(lookOf(makeFit({ status: 'verified', gate_passed: false }))).toBe('verified');
    expect(lookOf(makeFit({ gate_passed: false }))).toBe('failed');
    expect(lookOf(makeFit())).toBe('fitted');
  });

  it('has a mark for everything that an inspector should know', () => {
    const doubtful = makeFit({
      stale: true,
      gate_passed: false,
      converged: false,
      assumed_camera: true,
      self_intersections: 2,
    });
    expect(marksOf({ ...doubtful, mean_error_px: 17 }, gate).map((m) => m.label)).toEqual([
      'Out of date',
      'Above the 16 px gate',
      'Did not converge',
      'Assumed camera',
      '2 self-intersections',
    ]);
    expect(marksOf(makeFit(), gate).map((m) => m.label)).toEqual(['Within 16 px']);
  });

  it('says why a fit lies outside of the gate, also where its mean does not', () => {
    const view = { frame_id: 1, camera_id: 7, position: 0, mask_iou: null };
    const names = new Map([[7, 'left']]);
    const errors = Array.from({ length: 17 }, (_, k) => (k === 14 ? 44 : 1));
    const of = (change: object) =>
      whyOutside(
        makeFit({ views: [{ ...view, errors, mean_error_px: 3, ...change }] }),
        gate,
        names,
      );
    expect(of({ mean_error_px: 18 }).label).toBe('left above the 16 px gate');
    expect(of({}).label).toBe('right knee off by 44 px in left');
    expect(of({ errors: [] }).label).toBe('Too few joints');
  });

  it('counts the moments that had a scan, only where there are scans', () => {
    const run = (scans: unknown) => ({ summary: { scans } }) as unknown as FitRun;
    expect(scansOf(run({ moments: 12, of: 40 }))).toBe('12 of 40 moments');
    expect([scansOf(run(null)), scansOf(run(undefined))]).toEqual([null, null]);
  });

  it('writes pixels in few digits', () => {
    expect([0.412, 6.14, 23.4, null].map(formatPx)).toEqual(['0.41', '6.1', '23', '–']);
  });
});

describe('what can be judged', () => {
  const fits = [
    makeFit({ id: 1, moment_id: 10, status: 'verified' }),
    makeFit({ id: 2, moment_id: 11, stale: true }),
    makeFit({ id: 3, moment_id: 12 }),
    makeFit({ id: 4, moment_id: 13, gate_passed: false }),
  ];

  it('offers those within the gate that nobody judged', () => {
    expect(readyToVerify(fits).map((f) => f.id)).toEqual([3]);
  });

  it('leaves out stale ones when verifying, but lets them be rejected', () => {
    expect(judgeable(fits, 'verified').map((f) => f.id)).toEqual([3, 4]);
    expect(judgeable(fits, 'rejected')).toHaveLength(4);
    expect(judgeable(fits, 'fitted').map((f) => f.id)).toEqual([1]);
  });

  it('finds the next that waits, around the end', () => {
    expect(nextUnjudged(moments, of(fits), 3)).toBe(2);
    expect(nextUnjudged(moments, of(fits.slice(0, 2)), 0)).toBeNull();
  });
});

describe('timeline', () => {
  it('shows a little more than the gate, and the worst error up to a limit', () => {
    expect(chartTop([], 16)).toBe(20);
    expect(chartTop([makeFit({ mean_error_px: 30 })], 16)).toBeCloseTo(33);
    expect(chartTop([makeFit({ mean_error_px: 900 })], 16)).toBe(40);
  });

  it('gathers neighbours of one look and puts the gate where it belongs', () => {
    const fits = [10, 11, 13].map((moment_id) => makeFit({ moment_id, mean_error_px: 10 }));
    const layout = layTimeline(moments, of(fits), 16, 400, 60);
    expect(layout.runs.map((r) => [r.from, r.to, r.look])).toEqual([
      [0, 1, 'fitted'],
      [2, 2, 'none'],
      [3, 3, 'fitted'],
    ]);
    expect(layout.gateY).toBeCloseTo(55 - (16 / 20) * 50);
    expect(layout.dots.map((d) => [d.x, d.y])).toEqual([
      [50, 30],
      [150, 30],
      [350, 30],
    ]);
    expect(signsPath(layout.dots, 'fitted', 3).split('M')).toHaveLength(4);
  });

  it('finds the moment under the mouse and at a time', () => {
    expect(momentUnder(399, 400, 4)).toBe(3);
    expect(momentUnder(-5, 400, 4)).toBe(0);
    expect([0, 0.49, 0.5, 99].map((t) => momentAt(moments, t))).toEqual([0, 0, 1, 3]);
  });

  it('selects in both directions', () => {
    expect(rangeOf(null, 3)).toEqual([3, 3]);
    expect(rangeOf(5, 2)).toEqual([2, 5]);
  });
});

describe('limbs', () => {
  it('tells how constant measured lengths are', () => {
    const lengths = [0.1, 0.11, 0.09];
    const fits = lengths.map((l) => makeFit({ metrics: { limb_lengths_m: { 'left thigh': l } } }));
    const { limbs, measured } = limbSeries(fits);
    expect(measured).toBe(true);
    expect(limbs).toMatchObject([{ label: 'Left thigh', side: 'left', median: 0.1 }]);
    expect(limbs[0]?.spread).toBeCloseTo(0.1);
  });

  it('measures the body where nothing was told', () => {
    const joints = Array.from({ length: 17 }, (_, k) => [0, 0, k]);
    const metrics = { limb_lengths_m: { 'left thigh': null } };
    const { limbs, measured } = limbSeries([makeFit({ joints, metrics })]);
    expect(measured).toBe(false);
    expect(limbs).toHaveLength(8);
    expect(limbs[0]?.median).toBe(2);
  });

  it('finds the middle of an even number of values', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

describe('what a view shows', () => {
  it('takes the shape of its window around the same middle', () => {
    expect(containing({ x: 0, y: 0, width: 100, height: 100 }, 200, 100)).toEqual({
      x: -50,
      y: 0,
      width: 200,
      height: 100,
    });
  });

  it('keeps to the image where joints lie outside, and ignores lost ones', () => {
    const image = { x: 0, y: 0, width: 640, height: 480 };
    expect(around([100, 100, 1, 900, 300, 1, Number.NaN, 0, 1], 0, image)).toEqual({
      x: 100,
      y: 100,
      width: 540,
      height: 200,
    });
    expect(around([], 0.1, image)).toEqual(image);
  });
});
