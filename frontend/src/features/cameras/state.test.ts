import { describe, expect, it } from 'vitest';
import type { Calibration } from '@/shared/api/types';
import type { CalibratedCamera, Drift } from './queries';
import { baseFor, current, lensReport, newerUnused, nextStep, standOf, standWords } from './state';

const CAMERAS = [{ id: 1 }, { id: 2 }];

function camera(id: number, placed: boolean): CalibratedCamera {
  return {
    camera_id: id,
    name: `cam${id}`,
    width: 100,
    height: 100,
    lens: 'pinhole',
    K: [],
    distortion: [],
    T_camera_world: placed ? [[1, 0, 0, 0]] : null,
    rms_px: 0.2,
  };
}

function version(number: number, placed: boolean, more: Partial<Calibration> = {}): Calibration {
  return {
    id: 100 + number,
    recording_id: 1,
    version: number,
    phase: 'before',
    origin: 'board',
    cameras: CAMERAS.map((c) => camera(c.id, placed)),
    report: {},
    floor_z: null,
    note: null,
    based_on_id: null,
    created_at: '2026-01-01T00:00:00Z',
    created_by: null,
    in_use: false,
    placed,
    ...more,
  };
}

const drift = (exceeded: boolean): Drift => ({
  before_id: 1,
  after_id: 2,
  limit_px: 3,
  exceeded,
  cameras: [],
});

describe('what to do next with the cameras', () => {
  it('begins with the lenses', () => {
    expect(nextStep([], CAMERAS, null)).toBe('lens');
    expect(standWords(standOf(null, CAMERAS))).toBe('No lens is known yet');
  });

  it('asks for the lens that is missing', () => {
    const one = version(1, false, { cameras: [camera(1, false)] });
    expect(nextStep([one], CAMERAS, null)).toBe('lens');
    expect(standWords(standOf(one, CAMERAS))).toBe(
      '1 of 2 lenses known, no camera has a place yet',
    );
  });

  it('goes on to the places, then to the check afterwards', () => {
    expect(nextStep([version(1, false)], CAMERAS, null)).toBe('place');
    const placed = version(2, true, { in_use: true });
    expect(nextStep([placed, version(1, false)], CAMERAS, null)).toBe('after');
    expect(nextStep([placed], CAMERAS, drift(false))).toBe('none');
    expect(nextStep([placed], CAMERAS, drift(true))).toBe('moved');
  });

  it('asks to choose a version when none is in use', () => {
    expect(nextStep([version(1, true)], CAMERAS, null)).toBe('place');
  });
});

describe('versions', () => {
  it('speaks of the one in use, not of the newest', () => {
    const used = version(1, true, { in_use: true });
    expect(current([version(2, false), used])).toBe(used);
    expect(current([version(3, true, { phase: 'after' }), version(2, false)])?.version).toBe(2);
  });

  it('notices a newer one that is not in use', () => {
    const used = version(1, true, { in_use: true });
    expect(newerUnused([version(2, false), used])?.version).toBe(2);
    expect(newerUnused([version(2, true, { phase: 'after' }), used])).toBeNull();
    expect(newerUnused([version(2, false)])).toBeNull();
  });

  it('places lenses of the same phase before others', () => {
    const used = version(2, true, { in_use: true });
    const after = version(3, false, { phase: 'after' });
    expect(baseFor([after, used], 'after')).toBe(after);
    expect(baseFor([used], 'after')).toBe(used);
    expect(baseFor([], 'before')).toBeNull();
  });

  it('finds what was said about a lens before it was placed', () => {
    const report = { rms_px: 0.2, used: 6, dropped: [], views: [] };
    const lenses = version(1, false, { report: { cameras: { 1: report } } });
    const placed = version(2, true, { based_on_id: lenses.id });
    expect(lensReport(placed, [placed, lenses], 1)?.version).toBe(lenses);
    expect(lensReport(placed, [placed, lenses], 2)).toBeNull();
  });

  it('forgets it when a file took its place', () => {
    const report = { rms_px: 0.2, used: 6, dropped: [], views: [] };
    const lenses = version(1, false, { report: { cameras: { 1: report } } });
    const file = version(2, true, { based_on_id: lenses.id, origin: 'import' });
    expect(lensReport(file, [file, lenses], 1)).toBeNull();
  });
});
