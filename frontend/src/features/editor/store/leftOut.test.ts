import { describe, expect, it } from 'vitest';
import type { Skeleton } from '../document/types';
import { leftOutHint } from './leftOut';

const IMAGE = { width: 200, height: 100 };
const absent = { x: 0, y: 0, v: 0 as const };
const skeleton = (joints: Record<number, { x: number; y: number; v: 1 | 2 }>): Skeleton =>
  Array.from({ length: 17 }, (_, i) => joints[i] ?? absent);

describe('a box drawn by hand', () => {
  const box = { x: 10, y: 10, width: 50, height: 50 };

  it('that holds all joints is not spoken of', () => {
    expect(leftOutHint(box, skeleton({ 0: { x: 10, y: 60, v: 2 } }), IMAGE)).toBeNull();
    expect(leftOutHint(box, null, IMAGE)).toBeNull();
  });

  it('that leaves out joints, seen or occluded, names them', () => {
    const found = skeleton({ 0: { x: 30, y: 30, v: 2 }, 9: { x: 90, y: 30, v: 1 } });
    expect(leftOutHint(box, found, IMAGE)).toContain('leaves out left wrist:');
    const many = skeleton(
      Object.fromEntries([0, 1, 2, 3, 4].map((i) => [i, { x: 90, y: 30, v: 2 as const }])),
    );
    expect(leftOutHint(box, many, IMAGE)).toContain('nose, left eye, right eye and 2 more');
  });

  it('cannot hold joints beyond the image', () => {
    expect(leftOutHint(box, skeleton({ 16: { x: 30, y: 130, v: 2 } }), IMAGE)).toBeNull();
  });
});
