import { describe, expect, it } from 'vitest';
import type { Inspection } from '@/shared/api/types';
import { camerasOf, doubtOf, inspectionOf, moved, renamed, without } from './cameras';

const CAMERAS = [
  { name: 'left', files: ['a', 'b'] },
  { name: 'right', files: ['c'] },
];
const NAMES: Record<string, string> = { a: 'GX010001.MP4', b: 'GX020001.MP4', c: 'cam10.mp4' };
const nameOf = (key: string) => NAMES[key] ?? '';

const camera = (name: string, uploads: number[], sure = true): Inspection['cameras'][number] => ({
  name,
  sure,
  files: uploads.map((upload_id) => ({ upload_id, start_s: 0, gap_s: 0 })),
  reason: '',
  duration_s: 1,
  fps: 30,
  taken: 1,
  missing: 0,
});
const seen = (...cameras: Inspection['cameras']): Inspection => ({
  ready: true,
  job: null,
  files: [],
  cameras,
  moments: 1,
  complete: 1,
  warnings: [],
});

describe('cameras of an import', () => {
  it('are those that the server understood', () => {
    const keyOf = (id: number) => ({ 1: 'a', 2: 'b' })[id];
    expect(camerasOf(seen(camera('left', [2, 1])), keyOf)).toEqual([
      { name: 'left', files: ['b', 'a'] },
    ]);
  });

  it('give a file to another camera, in the order of names', () => {
    expect(moved(CAMERAS, 'c', 0, nameOf)).toEqual([{ name: 'left', files: ['c', 'a', 'b'] }]);
    expect(moved(CAMERAS, 'a', 1, nameOf)).toEqual([
      { name: 'left', files: ['b'] },
      { name: 'right', files: ['c', 'a'] },
    ]);
  });

  it('make a new one for a file that belongs to none', () => {
    expect(moved(CAMERAS, 'b', null, nameOf)).toEqual([
      { name: 'left', files: ['a'] },
      { name: 'right', files: ['c'] },
      { name: 'camera 3', files: ['b'] },
    ]);
    const taken = [...CAMERAS, { name: 'Camera 4', files: ['d'] }];
    expect(moved(taken, 'b', null, nameOf).at(-1)?.name).toBe('camera 5');
  });

  it('are named, and go with their last file', () => {
    expect(renamed(CAMERAS, 1, 'ceiling')[1]?.name).toBe('ceiling');
    expect(without(CAMERAS, 'c')).toEqual([{ name: 'left', files: ['a', 'b'] }]);
  });

  it('are asked for with the folders in which files lay', () => {
    const files = [
      { key: 'a', uploadId: 11, path: 'left/GX010001.MP4' },
      { key: 'c', uploadId: 13, path: 'cam10.mp4' },
    ];
    const sampling = { mode: 'fps' as const, value: 5 };
    expect(inspectionOf(files, [{ name: ' ', files: ['c', 'gone'] }], sampling)).toEqual({
      files: [
        { upload_id: 11, path: 'left/GX010001.MP4' },
        { upload_id: 13, path: 'cam10.mp4' },
      ],
      cameras: [{ name: 'camera 1', upload_ids: [13] }],
      separate: false,
      sampling,
    });
  });
});

describe('an import that was asked for', () => {
  it('begins by itself only when nothing is in doubt', () => {
    expect(doubtOf(seen(camera('one', [1])), false)).toBeNull();
    expect(doubtOf(seen(camera('one', [1], false)), false)).toMatch(/check/);
    expect(doubtOf(seen(camera('one', [1], false)), true)).toBeNull();
  });

  it('does not begin with a file that cannot be used', () => {
    const bad = { ...seen(), files: [{ upload_id: 1, filename: 'a', size_bytes: 1, fault: 'no' }] };
    expect(doubtOf(bad as Inspection, true)).toMatch(/cannot be used/);
  });
});
