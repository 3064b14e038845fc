/** Whether a recording can be handed on, and what is missing. */
import type { FrameItem, InspectionFacts, RecordingDetail } from '@/shared/api/types';
import type { Event } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import { isInPart, type OwnPart } from '../parts/part';

export interface Submission {
  readonly event: Event;
  /** Indices of the frames that still need the annotator. */
  readonly missing: readonly number[];
  /** Why it cannot be submitted yet, or null. */
  readonly reason: string | null;
}

/** In a recording that is cut into parts, of the person's part. */
export function submission(
  recording: RecordingDetail,
  frames: readonly FrameItem[],
  part: OwnPart | null = null,
): Submission {
  const event: Event = recording.stage === 'boxes_returned' ? 'submit_boxes' : 'submit';
  const undecided: number[] = [];
  const returned: number[] = [];
  frames.forEach((item, i) => {
    if (part !== null && !isInPart(item, part)) return;
    if (item.state === 'undecided') undecided.push(i);
    else if (item.returned) returned.push(i);
  });
  const parts = [
    ...(undecided.length > 0 ? [`${count(undecided.length, 'frame')} undecided`] : []),
    ...(returned.length > 0 ? [`${count(returned.length, 'frame')} still to revise`] : []),
  ];
  const missing = [...undecided, ...returned].sort((a, b) => a - b);
  const reason = parts.length > 0 ? `Not yet: ${parts.join(' and ')}.` : null;
  return { event, missing, reason };
}

/** How many of these frames were kept with joints that nobody placed but that were inferred. */
export function withInferred(
  frames: readonly FrameItem[],
  { id, propagated }: Pick<InspectionFacts, 'id' | 'propagated'>,
): number {
  const taken = new Set(id.filter((_, i) => propagated[i] === true));
  return frames.filter(
    (item) => (item.state === 'accepted' || item.state === 'corrected') && taken.has(item.id),
  ).length;
}
