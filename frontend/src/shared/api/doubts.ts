/** Frames of a list, told what is doubted of them. */
import type { FrameItem, Suspicions } from './types';

/** What a frame's cell knows of it; a frame that nobody doubts has none of these. */
export interface Doubted {
  /** Joints that stand in the queue. */
  readonly doubts?: number;
  /** How likely the most doubted of them needs a hand, in percent; for the order of frames. */
  readonly percent?: number;
  /** Accepted as proposed, faster than anybody can look. */
  readonly quick?: boolean;
  /** Drawn for the inspector among those. */
  readonly sampled?: boolean;
}

/** Joints of a frame that still ask for a look. A frame that was discarded asks for none, also
 * before its list is read again. */
export const openDoubts = ({ state, doubts = 0 }: Pick<FrameItem, 'state' | 'doubts'>): number =>
  state === 'discarded' ? 0 : doubts;

/** The same frames with what is doubted of them. */
export function withDoubts(
  frames: readonly FrameItem[],
  { frames: doubted, quick, sampled }: Suspicions,
): FrameItem[] {
  const byFrame = new Map(doubted.map((frame) => [frame.frame_id, frame]));
  const fast = new Set(quick);
  const drawn = new Set(sampled);
  return frames.map((item) => {
    const found = byFrame.get(item.id);
    const open = found?.joints.filter(({ waived }) => waived === null) ?? [];
    const next: Doubted = {
      doubts: open.length,
      percent: open[0]?.percent ?? Math.min(found?.percent ?? 0, 49),
      quick: fast.has(item.id),
      sampled: drawn.has(item.id),
    };
    const same = (Object.keys(next) as (keyof Doubted)[]).every((key) => item[key] === next[key]);
    return same ? item : { ...item, ...next };
  });
}
