/** A recording's frames as the server sends them: by columns, and in parts. */
import { answer, http } from './client';
import type { FrameItem, FrameStrip } from './types';

/** One column as numbers: `steps` are pairs of a difference and how often it comes. */
function* column(steps: readonly number[]): Generator<number, undefined> {
  let value = 0;
  for (let i = 0; i < steps.length; i += 2) {
    const difference = steps[i] ?? 0;
    for (let n = steps[i + 1] ?? 0; n > 0; n--) {
      value += difference;
      yield value;
    }
  }
}

/** The frames of a part, one by one. */
export function readStrip(strip: FrameStrip): FrameItem[] {
  const columns = {
    position: column(strip.position),
    camera_id: column(strip.camera_id),
    moment_id: column(strip.moment_id),
    moment_index: column(strip.moment_index),
    time_us: column(strip.time_us),
    version: column(strip.version),
    cell: column(strip.cell),
  };
  const next = (name: keyof typeof columns): number => columns[name].next().value ?? 0;
  const consistencies = strip.consistency.values();
  const frames: FrameItem[] = [];
  for (const id of column(strip.id)) {
    const cell = strip.cells[next('cell')];
    if (cell === undefined) throw new Error('The list of frames is damaged.');
    const thousandths = cell.box ? (consistencies.next().value ?? -1) : -1;
    frames.push({
      ...cell,
      id,
      position: next('position'),
      camera_id: next('camera_id'),
      moment_id: next('moment_id'),
      moment_index: next('moment_index'),
      time_s: next('time_us') / 1e6,
      version: next('version'),
      box: cell.box && { ...cell.box, consistency: thousandths < 0 ? null : thousandths / 1000 },
    });
  }
  return frames;
}

/** Some frames of a recording, and where the next part begins; null after the last. */
export interface Part {
  readonly frames: FrameItem[];
  readonly next: number | null;
}

/** Frames of a recording from a position on: as many as are sent at once. */
export async function framesFrom(
  recordingId: number,
  start: number,
  signal?: AbortSignal,
): Promise<Part> {
  const request = http.GET('/api/v1/recordings/{recording_id}/strip', {
    params: { path: { recording_id: recordingId }, query: { start } },
    signal,
  });
  const strip = await answer(request);
  return { frames: readStrip(strip), next: strip.next };
}

/** All frames of a recording, part by part. */
export async function* framesByParts(
  recordingId: number,
  signal?: AbortSignal,
): AsyncGenerator<Part, undefined> {
  for (let start: number | null = 0; start !== null; ) {
    const part: Part = await framesFrom(recordingId, start, signal);
    yield part;
    start = part.next;
  }
}
