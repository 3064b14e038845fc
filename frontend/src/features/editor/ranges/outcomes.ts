/** What an act on many frames will come to, and what it came to. */
import type { FrameItem, RangeDone } from '@/shared/api/types';
import type { RangeAct } from '../sync/ranges';

export type Change = Pick<FrameItem, 'state' | 'reason' | 'in_playback'> & { version?: number };

/** An act that only says keep, or undecided. */
export const plain = (verdict: 'keep' | 'undecided') =>
  ({ kind: 'verdict', verdict, reason: null, text: null, proposalId: null }) as const;

/** How a frame looks once an act on it has arrived. */
export function shownAfter(
  act: Extract<RangeAct, { kind: 'verdict' | 'accept' }>,
  { state, reason, in_playback }: FrameItem,
): Change {
  const kept = state === 'corrected' ? 'corrected' : 'accepted';
  if (act.kind === 'accept') {
    if (state !== 'undecided') return { state, reason, in_playback };
    return { state: 'accepted', reason: null, in_playback: true };
  }
  switch (act.verdict) {
    case 'discard':
      return { state: 'discarded', reason: act.reason, in_playback: false };
    case 'keep':
      return { state: kept, reason: null, in_playback: false };
    default:
      return { state: 'undecided', reason: null, in_playback: false };
  }
}

/** Which frames an act left as they were, and why; null if none. */
export function leftOut(done: RangeDone, frames: readonly FrameItem[]): string | null {
  if (done.skipped.length === 0) return null;
  const position = new Map(frames.map((item) => [item.id, item.position + 1]));
  const groups = new Map<string, number[]>();
  for (const { frame_id: id, words, by } of done.skipped) {
    const why = by == null ? words : words.replace('somebody', by);
    groups.set(why, [...(groups.get(why) ?? []), position.get(id) ?? 0]);
  }
  const parts = [...groups].map(([why, numbers]) => {
    const named = numbers.slice(0, 6).join(', ');
    const more = numbers.length > 6 ? ` and ${numbers.length - 6} more` : '';
    return `${numbers.length === 1 ? 'frame' : 'frames'} ${named}${more} (${why})`;
  });
  return `Left as they are: ${parts.join('; ')}.`;
}
