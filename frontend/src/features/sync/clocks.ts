/** Common time and camera time, and which picture a camera shows at a time. Times in seconds. */

import type { Camera, FrameItem } from '@/shared/api/types';
import { TRUST_FROM, TRUSTS, type Trust } from '@/shared/domain/rules.gen';
import type { CameraOffset, Sync, SyncPair, SyncStrips } from './queries';

export interface Clock {
  offsetMs: number;
  driftPpm: number;
}

/** By camera id. */
export type Clocks = Record<number, Clock>;

export const ZERO: Clock = { offsetMs: 0, driftPpm: 0 };

export interface Picture {
  /** Camera time. */
  time: number;
  url: string;
  /** A source frame that is not among the recording's frames. */
  fine: boolean;
}

export function sessionTime(camera: number, clock: Clock): number {
  return camera * (1 + clock.driftPpm * 1e-6) + clock.offsetMs / 1000;
}

export function cameraTime(session: number, clock: Clock): number {
  return (session - clock.offsetMs / 1000) / (1 + clock.driftPpm * 1e-6);
}

export function clocksOf(offsets: readonly CameraOffset[]): Clocks {
  return Object.fromEntries(
    offsets.map((o) => [o.camera_id, { offsetMs: o.offset_ms, driftPpm: o.drift_ppm ?? 0 }]),
  );
}

/** The version a page begins with: the newest, since people come to judge it. */
export function firstShown(versions: readonly Sync[]): Sync | null {
  return versions[0] ?? null;
}

/** Milliseconds of one source frame; 33 where the rate is unknown. */
export function frameMs(camera: Camera): number {
  return camera.fps ? 1000 / camera.fps : 1000 / 30;
}

/** So that the first camera has offset 0, as everywhere. */
export function relativeToFirst(clocks: Clocks, cameras: readonly Camera[]): Clocks {
  const first = cameras[0] ? (clocks[cameras[0].id]?.offsetMs ?? 0) : 0;
  return Object.fromEntries(
    cameras.map((camera) => {
      const clock = clocks[camera.id] ?? ZERO;
      return [camera.id, { ...clock, offsetMs: round(clock.offsetMs - first) }];
    }),
  );
}

/** Hundredths of a millisecond; more is noise. */
export function round(ms: number): number {
  return Math.round(ms * 100) / 100 || 0;
}

export function sameClocks(a: Clocks, b: Clocks, cameras: readonly Camera[]): boolean {
  return cameras.every(({ id }) => {
    const [one, other] = [a[id] ?? ZERO, b[id] ?? ZERO];
    return (
      Math.abs(one.offsetMs - other.offsetMs) < 0.01 &&
      Math.abs(one.driftPpm - other.driftPpm) < 0.01
    );
  });
}

/** All pictures of each camera by time: the recording's frames, and finer ones where there are. */
export function picturesOf(
  frames: readonly FrameItem[],
  strips: SyncStrips | undefined,
): Map<number, Picture[]> {
  const found = new Map<number, Picture[]>();
  const add = (camera: number, picture: Picture) => {
    const own = found.get(camera);
    if (own) own.push(picture);
    else found.set(camera, [picture]);
  };
  for (const frame of frames) {
    const url = `/api/v1/frames/${frame.id}/image`;
    add(frame.camera_id, { time: frame.time_s, url, fine: false });
  }
  for (const strip of strips?.cameras ?? []) {
    for (const frame of strip.frames) {
      add(strip.camera_id, { time: frame.time_s, url: frame.image_url, fine: true });
    }
  }
  for (const [camera, own] of found) {
    // Where both are there, the recording's own frame is the sharper one.
    own.sort((a, b) => a.time - b.time || Number(a.fine) - Number(b.fine));
    found.set(
      camera,
      own.filter((picture, i) => i === 0 || picture.time - (own[i - 1]?.time ?? 0) > 1e-4),
    );
  }
  return found;
}

/** Index of the picture nearest to a camera time; -1 where there is none. */
export function nearestPicture(pictures: readonly Picture[], time: number): number {
  let low = 0;
  let high = pictures.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pictures[middle] as Picture).time < time) low = middle + 1;
    else high = middle;
  }
  const before = pictures[low - 1];
  const after = pictures[low];
  if (!before) return after ? 0 : -1;
  if (!after) return low - 1;
  return time - before.time <= after.time - time ? low - 1 : low;
}

/** Session times of one camera's pictures, ascending. */
export function pictureTimes(pictures: readonly Picture[], clock: Clock): number[] {
  return pictures.map((picture) => sessionTime(picture.time, clock));
}

/** The time nearest to the wanted one among ascending times; that itself before and after them. */
export function snapped(times: readonly number[], wanted: number): number {
  const [first, last] = [times[0], times[times.length - 1]];
  if (first === undefined || last === undefined || wanted < first || wanted > last) return wanted;
  return times.reduce((best, time) =>
    Math.abs(time - wanted) < Math.abs(best - wanted) ? time : best,
  );
}

/** As many of the ascending times further on (back where negative); by seconds where none is. */
export function stepped(
  times: readonly number[],
  from: number,
  count: number,
  seconds: number,
): number {
  const here = times.indexOf(snapped(times, from));
  return (here >= 0 ? times[here + count] : undefined) ?? from + count * seconds;
}

/** From the first to the last time that any camera shows. */
export function sessionRange(
  pictures: ReadonlyMap<number, readonly Picture[]>,
  clocks: Clocks,
): [number, number] {
  let begin = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const [camera, own] of pictures) {
    const clock = clocks[camera] ?? ZERO;
    const [first, last] = [own[0], own[own.length - 1]];
    if (!first || !last) continue;
    begin = Math.min(begin, sessionTime(first.time, clock));
    end = Math.max(end, sessionTime(last.time, clock));
  }
  return begin <= end ? [begin, end] : [0, 1];
}

/** What clocks expect of a pair: the second camera's time minus the first's, milliseconds. */
export function expectedLag(pair: SyncPair, clocks: Clocks): number {
  const session = sessionTime(pair.at_s, clocks[pair.first] ?? ZERO);
  return (cameraTime(session, clocks[pair.second] ?? ZERO) - pair.at_s) * 1000;
}

/** The word for a confidence. */
export function trustOf(confidence: number): Trust {
  return TRUSTS.find((trust) => confidence >= TRUST_FROM[trust]) ?? 'guess';
}

/** `98 %`, rounded down: nothing becomes surer by rounding. */
export function percent(confidence: number): string {
  return `${Math.floor(100 * confidence + 1e-9)} %`;
}

export const TRUST_WORDS: Record<Trust, string> = {
  sure: 'Sure',
  likely: 'Likely',
  doubtful: 'Doubtful',
  guess: 'A guess',
};

export const METHOD_WORDS: Record<Sync['method'], string> = {
  timecode: 'Timecode',
  audio: 'Sound',
  motion: 'Motion',
  manual: 'By hand',
};

/** `+33.4 ms`, `−1,234.5 ms`. */
export function signedMs(ms: number, digits = 1): string {
  const size = Math.abs(ms).toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const zero = Number(Math.abs(ms).toFixed(digits)) === 0;
  return `${zero ? '' : ms < 0 ? '−' : '+'}${size} ms`;
}
