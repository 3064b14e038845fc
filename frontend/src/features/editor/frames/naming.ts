/** How a frame is called: by one number, whichever way the recording is walked. */
import type { FrameItem, RecordingDetail } from '@/shared/api/types';

export interface FrameName {
  /** The number that people read: of the moment where there are several cameras. */
  readonly number: number;
  /** Of the same kind. */
  readonly of: number;
  readonly word: 'frame' | 'moment';
  /** Null where there is one camera. */
  readonly camera: { readonly name: string; readonly short: string } | null;
}

type Named = Pick<FrameItem, 'position' | 'moment_index' | 'camera_id'>;

/**
 * With several cameras a moment has a frame of each: the moment's number and the camera say which,
 * and the frame's place in the recording would be a second number for the same thing.
 */
export function nameOf(
  item: Named,
  recording: Pick<RecordingDetail, 'cameras_list'>,
  frames: readonly Named[],
): FrameName {
  const cameras = recording.cameras_list ?? [];
  const camera = cameras.find(({ id }) => id === item.camera_id);
  if (cameras.length < 2 || camera === undefined) {
    return { number: item.position + 1, of: frames.length, word: 'frame', camera: null };
  }
  return {
    number: item.moment_index + 1,
    of: momentsOf(frames),
    word: 'moment',
    camera: { name: camera.name, short: `c${camera.index + 1}` },
  };
}

const counted = new WeakMap<readonly Named[], number>();

/** How many moments there are: they are counted from 0 without gaps. */
function momentsOf(frames: readonly Named[]): number {
  let known = counted.get(frames);
  if (known === undefined) {
    known = 1 + frames.reduce((most, { moment_index }) => Math.max(most, moment_index), -1);
    counted.set(frames, known);
  }
  return known;
}

/** In words, such as "moment 3, camera 2". */
export const wordsFor = ({ word, number, camera }: FrameName): string =>
  `${word} ${number}${camera === null ? '' : `, ${camera.name}`}`;
