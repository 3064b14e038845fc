/** The order in which boxes are judged: the editor steps in it, and a recording is opened at its begin. */
import type { FrameItem } from '@/shared/api/types';

/** Whether a frame takes part in box review: it is kept, whether it has its box or not. */
export const needsBox = (item: FrameItem): boolean =>
  item.box !== null || item.state === 'accepted' || item.state === 'corrected';

/**
 * Of these indices into `frames`, those that take part in box review, in its order: kept frames
 * without a box first, then flagged and stale boxes, then those whose mask and joints agree least.
 */
export function inBoxOrder(
  frames: readonly FrameItem[],
  indices: readonly number[],
): readonly number[] {
  const rank = (i: number): number => {
    const box = frames[i]?.box;
    if (!box) return -3;
    if (box.stale || box.flagged) return (box.consistency ?? 0) - 2;
    return box.consistency ?? 0;
  };
  return indices
    .filter((i) => frames[i] !== undefined && needsBox(frames[i]))
    .sort((a, b) => rank(a) - rank(b) || a - b);
}
