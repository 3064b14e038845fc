/** A very long recording opens with a part of its frames; the others come while one works. */
import { framesFrom, type Part } from '@/shared/api/filmstrip';
import { framesQuery } from '@/shared/api/queries/recordings';
import { queryClient } from '@/shared/api/queryClient';
import type { FrameItem } from '@/shared/api/types';
import type { KnownFrames } from '../store/KnownFrames';

/** So many frames before the one that is opened are read with it. */
const BEFORE = 2000;

export interface Opened {
  readonly frames: FrameItem[];
  /** Whether there are more. */
  readonly more: boolean;
}

/** The frames with which a recording opens at a position: all of them, unless there are very many. */
export async function framesAround(recordingId: number, position: number): Promise<Opened> {
  const start = Math.max(0, position - BEFORE);
  const part: Part = await framesFrom(recordingId, start);
  if (start > 0 && part.next === null && part.frames.length > 0) {
    // What is missing may be few: then one more request gets everything.
    const first = await framesFrom(recordingId, 0);
    if (first.next === null) return { frames: first.frames, more: false };
  }
  return { frames: part.frames, more: start > 0 || part.next !== null };
}

interface Wanted {
  readonly recordingId: number;
  readonly frames: KnownFrames;
  readonly read?: () => Promise<readonly FrameItem[]>;
  readonly onFault: (error: unknown) => void;
}

/**
 * Read all frames of a recording and tell the editor; without a network, again once there is one.
 *
 * Returns what stops it.
 */
export function readTheRest({ recordingId, frames, onFault, ...given }: Wanted): () => void {
  const read =
    given.read ?? (() => queryClient.fetchQuery({ ...framesQuery(recordingId), staleTime: 0 }));
  let stopped = false;
  let told = false;
  const again = (): void => {
    read().then(
      (all) => {
        stop();
        if (!stopped) frames.complete(all);
      },
      (error: unknown) => {
        if (stopped || told) return;
        told = true;
        onFault(error);
      },
    );
  };
  const stop = (): void => window.removeEventListener('online', again);
  window.addEventListener('online', again);
  again();
  return () => {
    stopped = true;
    stop();
  };
}
