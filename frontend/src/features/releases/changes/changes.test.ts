import { describe, expect, it } from 'vitest';
import type { ReleaseItem } from '@/shared/api/types';
import { basesOf, kindCounts, notesWith, openKind, regionOf, wordsOf } from './changes';
import type { ChangedFrame, Difference } from './queries';

const side = (box: [number, number, number, number]) => {
  const [x, y, width, height] = box;
  return { width: 640, height: 480, keypoints: null, box: { x, y, width, height } };
};
const frame = (more: object) =>
  ({
    frame_id: 1,
    before: null,
    after: null,
    moved: {},
    oks: null,
    visibility: [],
    box_iou: null,
    ...more,
  }) as unknown as ChangedFrame;

describe('changes of a version', () => {
  it('open at what was asked for, else at the first kind of which there is something', () => {
    const difference = { kinds: [{ kind: 'went', frames: 4 }] } as unknown as Difference;
    const counts = kindCounts(difference);
    expect(openKind(counts, undefined)).toBe('went');
    expect(openKind(counts, 'box')).toBe('box');
    expect(openKind(kindCounts({ kinds: [] } as unknown as Difference), undefined)).toBe('moved');
  });

  it('are against frozen versions of the same dataset only', () => {
    const release = (id: number, version: string, dataset = 1, frozen: string | null = 'then') =>
      ({ id, version, dataset: { id: dataset }, frozen_at: frozen }) as ReleaseItem;
    const all = [
      release(1, '1.2.0'),
      release(2, '1.10.0'),
      release(3, '9.0.0', 2),
      release(4, '1.11.0', 1, null),
    ];
    expect(basesOf(all, release(5, '2.0.0')).map((one) => one.id)).toEqual([2, 1]);
    expect(basesOf(all, release(2, '1.10.0')).map((one) => one.id)).toEqual([1]);
  });

  it('name the joints that moved most first', () => {
    const words = wordsOf(
      frame({
        moved: { nose: 1.25, left_wrist: 30.04, right_hip: 2 },
        visibility: ['left_ankle'],
        oks: 0.91234,
        box_iou: 0.999,
      }),
    );
    expect(words).toEqual([
      'left wrist 30.0 px',
      'right hip 2.0 px',
      '1 more moved',
      'left ankle visibility',
      'OKS 0.912',
      'box overlap 99 %',
    ]);
  });

  it('are shown where both versions have the infant', () => {
    const region = regionOf(
      frame({ before: side([100, 100, 50, 50]), after: side([300, 200, 100, 50]) }),
      4 / 3,
    );
    expect(region.width / region.height).toBeCloseTo(4 / 3);
    expect(region.x).toBeLessThan(100);
    expect(region.x + region.width).toBeGreaterThan(400);
    expect(region.y).toBeGreaterThanOrEqual(0);
  });

  it('go behind the notes of a draft, once', () => {
    const notes = notesWith('Ten wrists mended.', 'Changes:\n\n- 10 joints moved.\n');
    expect(notes).toBe('Ten wrists mended.\n\nChanges:\n\n- 10 joints moved.\n');
    expect(notesWith(notes, 'Changes:\n\n- 10 joints moved.\n')).toBe(notes);
    expect(notesWith('', 'Changes: none\n')).toBe('Changes: none\n');
  });
});
