import { describe, expect, it } from 'vitest';
import { distanceOf, windowOf } from './overlay';
import type { BoardFrame } from './queries';

const frame = (changes: Partial<BoardFrame>): BoardFrame => ({
  frame_id: 1,
  rank: 0,
  file_name: 'a.png',
  width: 1000,
  height: 800,
  recording_id: 1,
  recording: 'Visit',
  camera: 'camera 1',
  moment: 0,
  position: 0,
  stage: 'approved',
  oks: 0.5,
  error: 3,
  score: 0.9,
  worst_joint: 0,
  truth: Array.from({ length: 51 }, (_, i) => (i % 3 === 2 ? 2 : 150)),
  box: [100, 100, 100, 100],
  joints: Array.from({ length: 34 }, () => 150),
  similarity: null,
  kinds: null,
  true_posture: null,
  posture: null,
  measures: {},
  ...changes,
});

describe('the part of an image that is shown', () => {
  it('holds the box with a margin, in the proportion of its place', () => {
    const seen = windowOf(frame({}), 1.5);
    expect(seen.width / seen.height).toBeCloseTo(1.5);
    expect(seen.x).toBeLessThanOrEqual(80);
    expect(seen.y).toBeCloseTo(80);
  });

  it('widens for a predicted joint near the infant', () => {
    const joints = Array.from({ length: 34 }, (_, i) => (i === 0 ? 280 : 150));
    const seen = windowOf(frame({ joints }), 1);
    expect(seen.x + seen.width).toBeGreaterThan(280);
  });

  it('does not shrink the infant for a prediction at the other end of the room', () => {
    const joints = Array.from({ length: 34 }, (_, i) => (i === 0 ? 5000 : 150));
    expect(windowOf(frame({ joints }), 1)).toEqual(windowOf(frame({}), 1));
  });
});

it('measures how far a joint is off, where both ends are known', () => {
  const joints = Array.from({ length: 34 }, (_, i) => (i % 2 ? 154 : 153));
  expect(distanceOf(frame({ joints }), 4)).toBeCloseTo(5);
  expect(distanceOf(frame({ joints: null }), 4)).toBeNull();
  const truth = Array.from({ length: 51 }, () => 0);
  expect(distanceOf(frame({ truth }), 4)).toBeNull();
});
