import { describe, expect, it } from 'vitest';
import type { RecordingDetail } from '@/shared/api/types';
import { frameItem } from '../testing/driver';
import { nameOf, wordsFor } from './naming';

const cameras = (count: number): Pick<RecordingDetail, 'cameras_list'> =>
  ({
    cameras_list: Array.from({ length: count }, (_, i) => ({
      id: 10 + i,
      index: i,
      name: `camera ${i + 1}`,
    })),
  }) as unknown as Pick<RecordingDetail, 'cameras_list'>;

describe('a frame is called by one number', () => {
  it('its place in the recording, with one camera', () => {
    const frames = [frameItem(0, { camera_id: 10 }), frameItem(1, { camera_id: 10 })];
    const name = nameOf(frames[1] ?? frameItem(0), cameras(1), frames);
    expect(name).toMatchObject({ number: 2, of: 2, camera: null });
    expect(wordsFor(name)).toBe('frame 2');
  });

  it('its moment and its camera, with several', () => {
    const frames = [0, 1, 2, 3].map((i) =>
      frameItem(i, { camera_id: 10 + Math.floor(i / 2), moment_index: i % 2 }),
    );
    const name = nameOf(frames[3] ?? frameItem(0), cameras(2), frames);
    expect(name).toMatchObject({ number: 2, of: 2 });
    expect(wordsFor(name)).toBe('moment 2, camera 2');
  });
});
