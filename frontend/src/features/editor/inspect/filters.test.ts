import { describe, expect, it } from 'vitest';
import type { FrameItem, InspectionFacts } from '@/shared/api/types';
import vectors from '../../../../../tests/vectors/vouching.json';
import { drawn } from './drawing';
import { chosen, counted, together, USUAL_SIZE } from './filters';

const frame = (id: number, change: Partial<FrameItem> = {}): FrameItem => ({
  id,
  position: id - 1,
  camera_id: 1,
  moment_id: id,
  moment_index: id,
  time_s: id,
  version: 1,
  in_playback: false,
  state: 'accepted',
  reason: null,
  returned: false,
  changed: false,
  comments: 0,
  mark: null,
  flags: [],
  box: null,
  ...change,
});

const FRAMES = [
  frame(1, { changed: true }),
  frame(2, { mark: 'good', comments: 2 }),
  frame(3, { camera_id: 2, flags: ['blurred'], state: 'corrected' }),
  frame(4, { state: 'discarded' }),
];
const FACTS: InspectionFacts = {
  round: 2,
  id: [1, 2, 3, 4],
  agreement: [1, 0.8, 0.4, null],
  author: [7, 7, 8, null],
  propagated: [false, false, true, false],
  approved: [false, true, false, false],
  wrong: [2, 0, 0, 0],
  seen: [true, false, false, false],
  glanced: [false, true, false, false],
  sampled: [false, false, true, false],
  people: [],
};
const items = together(FRAMES, FACTS);
const ids = (found: readonly { frame: FrameItem }[]) => found.map((item) => item.frame.id);

describe('which frames the inspector sees', () => {
  it.each([
    ['open', [1, 3, 4]],
    ['changed', [1]],
    ['propagated', [3]],
    ['commented', [2]],
    ['flagged', [3]],
    ['wrong', [1]],
    ['glanced', [2]],
    ['sample', [3]],
    ['discarded', [4]],
    ['approved', [2]],
  ] as const)('%s', (show, wanted) => {
    expect(ids(chosen(items, { show }))).toEqual(wanted);
    expect(counted(items)[show]).toBe(wanted.length);
  });

  it('puts those farthest from the model first', () => {
    expect(ids(chosen(items, { show: 'disagrees' }))).toEqual([3, 2]);
  });

  it('narrows by person and camera together', () => {
    expect(ids(chosen(items, { person: 7 }))).toEqual([1, 2]);
    expect(ids(chosen(items, { person: 8, camera: 1 }))).toEqual([]);
    expect(ids(chosen(items, { show: 'flagged', camera: 2 }))).toEqual([3]);
  });

  it('shows every frame while nothing is known of them yet', () => {
    expect(ids(chosen(together(FRAMES, undefined), {}))).toEqual([1, 2, 3, 4]);
  });

  it('draws the same frames by the same seed, in working order, and others by another', () => {
    const many = together(
      Array.from({ length: 200 }, (_, i) => frame(i + 1)),
      undefined,
    );
    const first = ids(chosen(many, { show: 'random', seed: 5 }));
    expect(first).toHaveLength(USUAL_SIZE);
    expect(first).toEqual([...first].sort((a, b) => a - b));
    expect(ids(chosen(many, { show: 'random', seed: 5 }))).toEqual(first);
    expect(ids(chosen(many, { show: 'random', seed: 6 }))).not.toEqual(first);
    const larger = new Set(ids(chosen(many, { show: 'random', seed: 5, size: 60 })));
    expect(first.every((id) => larger.has(id))).toBe(true);
  });
});

describe('drawing by chance', () => {
  it('draws what the server draws', () => {
    for (const { frames, size, seed, drawn: wanted } of vectors.drawn) {
      expect(drawn(frames, size, seed)).toEqual(wanted);
    }
  });
});
