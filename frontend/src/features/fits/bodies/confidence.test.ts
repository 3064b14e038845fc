import { describe, expect, it } from 'vitest';
import { doubtMarks, formatMm, trustMark } from './confidence';
import { cholesky } from './scene/ellipsoid';
import type { Doubt, Fit, FitDefaults } from './types';

const doubt = (change: Partial<Doubt>): Doubt => ({
  kind: 'mark',
  camera_id: null,
  frame_id: null,
  joint: null,
  px: null,
  mm: null,
  what: null,
  value: null,
  ...change,
});

const made = (change: Partial<Fit>): Fit =>
  ({ doubts: [], views: [], trust: null, quality_mm: null, ...change }) as Fit;

const view = (frame_id: number, position: number) => ({
  frame_id,
  camera_id: 7,
  position,
  errors: [],
  mean_error_px: null,
  mask_iou: null,
});
const names = new Map([[7, 'camera 2']]);
const defaults = { good_mm: 8 } as FitDefaults;

describe('how sure a fit is', () => {
  it('says nothing of fits that did not say it', () => {
    expect(trustMark(made({}), defaults)).toBeNull();
  });

  it('is a word and a length', () => {
    const mark = trustMark(made({ trust: 'poor', quality_mm: 31.4 }), defaults);
    expect(mark?.label).toBe('Poor: ± 31 mm');
    expect(mark?.tone).toBe('danger');
  });

  it('leads from a mark to its joint in its frame', () => {
    const odd = doubt({ camera_id: 7, frame_id: 40, joint: 9, px: 61, mm: 88 });
    const [mark] = doubtMarks(made({ doubts: [odd], views: [view(40, 12)] }), names);
    expect(mark?.label).toBe('Left wrist in camera 2');
    expect(mark?.help).toContain('61 px, 88 mm');
    expect(mark?.at).toEqual({ position: 12, joint: 9 });
  });

  it('names joints that nobody saw together', () => {
    const unseen = [8, 10].map((joint) => doubt({ kind: 'unseen', joint, mm: 50 + joint }));
    const marks = doubtMarks(made({ doubts: unseen }), names);
    expect(marks).toHaveLength(1);
    expect(marks[0]?.label).toBe('Right elbow, right wrist hardly seen');
    expect(marks[0]?.help).toContain('± 60 mm');
  });

  it('tells a turned camera from one with another focal length', () => {
    const odd = { kind: 'camera', camera_id: 7, value: 1.9 } as const;
    const turned = doubtMarks(made({ doubts: [doubt({ ...odd, what: 'turned' })] }), names);
    expect(turned[0]?.label).toBe('Camera 2 seems turned');
    expect(turned[0]?.help).toContain('1.9°');
    const focal = doubtMarks(made({ doubts: [doubt({ ...odd, what: 'focal' })] }), names);
    expect(focal[0]?.label).toBe('Camera 2 seems to have another focal length');
  });

  it('writes lengths in few digits', () => {
    expect([formatMm(4.24), formatMm(31.4), formatMm(null)]).toEqual(['4.2', '31', '–']);
  });

  it('takes the unit ball to the ellipsoid of a covariance', () => {
    const L = cholesky([4, 2, 0, 5, 3, 11]);
    const product = L.map((a) => L.map((b) => a.reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0)));
    expect(product).toEqual([
      [4, 2, 0],
      [2, 5, 3],
      [0, 3, 11],
    ]);
  });
});
