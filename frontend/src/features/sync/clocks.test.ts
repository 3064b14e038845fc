import { describe, expect, it } from 'vitest';
import type { Camera, FrameItem } from '@/shared/api/types';
import {
  cameraTime,
  expectedLag,
  nearestPicture,
  percent,
  picturesOf,
  pictureTimes,
  relativeToFirst,
  sameClocks,
  sessionRange,
  sessionTime,
  signedMs,
  snapped,
  stepped,
  trustOf,
} from './clocks';
import type { SyncPair } from './queries';

const camera = (id: number) => ({ id, fps: 25 }) as Camera;
const frame = (id: number, camera_id: number, time_s: number) =>
  ({ id, camera_id, time_s }) as FrameItem;

describe('clocks', () => {
  it('undo each other between camera and session', () => {
    const clock = { offsetMs: -1234.5, driftPpm: 40 };
    expect(cameraTime(sessionTime(3600, clock), clock)).toBeCloseTo(3600, 9);
    expect(sessionTime(0, clock)).toBeCloseTo(-1.2345, 9);
  });

  it('are kept relative to the first camera', () => {
    const clocks = { 1: { offsetMs: 40, driftPpm: 0 }, 2: { offsetMs: 10, driftPpm: 3 } };
    expect(relativeToFirst(clocks, [camera(1), camera(2)])).toEqual({
      1: { offsetMs: 0, driftPpm: 0 },
      2: { offsetMs: -30, driftPpm: 3 },
    });
  });

  it('that were never set count as zero', () => {
    expect(sameClocks({}, { 1: { offsetMs: 0, driftPpm: 0 } }, [camera(1)])).toBe(true);
    expect(sameClocks({}, { 1: { offsetMs: 1, driftPpm: 0 } }, [camera(1)])).toBe(false);
  });

  it('expect of a pair what the solver measured', () => {
    const clocks = { 1: { offsetMs: 0, driftPpm: 0 }, 2: { offsetMs: 500, driftPpm: 0 } };
    expect(expectedLag({ first: 1, second: 2, at_s: 10 } as SyncPair, clocks)).toBeCloseTo(-500);
  });
});

describe('pictures', () => {
  const strips = {
    instants_s: [1],
    cameras: [
      {
        camera_id: 1,
        frames: [0.96, 1.0, 1.04].map((time_s) => ({ time_s, image_url: `fine-${time_s}` })),
      },
    ],
  };
  const pictures = picturesOf([frame(7, 1, 1.0), frame(8, 1, 0), frame(9, 2, 0.5)], strips);

  it('are sorted by time, with the recording’s own frame where both are there', () => {
    expect(pictures.get(1)?.map((p) => p.url)).toEqual([
      '/api/v1/frames/8/image',
      'fine-0.96',
      '/api/v1/frames/7/image',
      'fine-1.04',
    ]);
  });

  it('are found by the nearest time', () => {
    const own = pictures.get(1) ?? [];
    expect([-1, 0.5, 0.97, 1.03, 9].map((at) => nearestPicture(own, at))).toEqual([0, 1, 1, 3, 3]);
    expect(nearestPicture([], 1)).toBe(-1);
  });

  it('span the session under the clocks at hand', () => {
    expect(sessionRange(pictures, { 2: { offsetMs: 2000, driftPpm: 0 } })).toEqual([0, 2.5]);
  });
});

it('words fit the figures', () => {
  expect([0.99, 0.989, 0.7, 0.4, 0.1].map(trustOf)).toEqual([
    'sure',
    'likely',
    'likely',
    'doubtful',
    'guess',
  ]);
  expect([0.989, 0.9999, 0.29].map(percent)).toEqual(['98 %', '99 %', '29 %']);
  expect([signedMs(0.04), signedMs(-1234.54), signedMs(33.4)]).toEqual([
    '0.0 ms',
    '−1,234.5 ms',
    '+33.4 ms',
  ]);
});

describe('time on the page', () => {
  const pictures = [0, 0.5, 1].map((time) => ({ time, url: '', fine: false }));
  const times = pictureTimes(pictures, { offsetMs: 100, driftPpm: 0 });

  it('keeps to the pictures of a camera', () => {
    expect(times).toEqual([0.1, 0.6, 1.1]);
    expect(snapped(times, 0.8)).toBe(0.6);
    expect(snapped(times, 9)).toBe(9);
    expect(snapped([], 0.3)).toBe(0.3);
  });

  it('goes from picture to picture, and by seconds where the camera has none', () => {
    expect(stepped(times, 0.7, 1, 0.25)).toBe(1.1);
    expect(stepped(times, 1.1, 1, 0.25)).toBeCloseTo(1.35);
    expect(stepped(times, 1.35, -1, 0.25)).toBeCloseTo(1.1);
    expect(stepped([], 0.3, 1, 0.25)).toBeCloseTo(0.55);
  });
});
