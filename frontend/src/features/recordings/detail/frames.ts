import type { FrameItem } from '@/shared/api/types';
import { shownState } from '@/shared/ui';
import type { FrameFilter, QualityFilter, RecordingSearch } from './search';

/** Below this share of the recording's median sharpness a frame is called blurred. */
const BLURRED_SHARE = 0.35;
/** Mean luma from 0 to 255. */
const DARK_LUMA = 40;
const BRIGHT_LUMA = 215;

export const QUALITY_LABELS: Record<QualityFilter, string> = {
  blurred: 'Blurred',
  dark: 'Dark',
  bright: 'Overexposed',
  duplicate: 'Near-duplicate',
};

export const FRAME_FILTER_LABELS: Record<FrameFilter, string> = {
  undecided: 'Undecided',
  accepted: 'Accepted',
  corrected: 'Corrected',
  discarded: 'Discarded',
  returned: 'To revise',
  commented: 'With comments',
  changed: 'Changed since last round',
  doubtful_box: 'Doubtful box',
  box_sent_back: 'Box sent back',
};

/** Null without any values. */
export function median(values: readonly number[]): number | null {
  const known = [...values].sort((a, b) => a - b);
  const middle = Math.floor(known.length / 2);
  const upper = known[middle];
  if (upper === undefined) return null;
  const lower = known.length % 2 ? upper : (known[middle - 1] ?? upper);
  return (lower + upper) / 2;
}

/** What the measures say against a frame. Hints for people; nothing is decided by them. */
function qualityFlags(frame: FrameItem, medianSharpness: number | null): QualityFilter[] {
  const flags: QualityFilter[] = [];
  const { sharpness, mean_luma } = frame;
  if (medianSharpness !== null && sharpness < BLURRED_SHARE * medianSharpness) {
    flags.push('blurred');
  }
  if (mean_luma < DARK_LUMA) flags.push('dark');
  if (mean_luma > BRIGHT_LUMA) flags.push('bright');
  if (frame.duplicate_of_id !== null) flags.push('duplicate');
  return flags;
}

function inState(frame: FrameItem, filter: FrameFilter): boolean {
  if (filter === 'commented') return frame.comments > 0;
  if (filter === 'changed') return frame.changed;
  if (filter === 'doubtful_box') return frame.box?.flagged ?? false;
  if (filter === 'box_sent_back') return frame.box?.status === 'sent_back';
  return shownState(frame) === filter;
}

export interface FlaggedFrame {
  frame: FrameItem;
  flags: QualityFilter[];
}

export function flagFrames(frames: readonly FrameItem[]): FlaggedFrame[] {
  const sharpness = median(frames.map((f) => f.sharpness));
  return frames.map((frame) => ({ frame, flags: qualityFlags(frame, sharpness) }));
}

type Choice = Pick<RecordingSearch, 'state' | 'quality' | 'camera'>;

/** Filters only choose what is shown; order and number of frames stay as they are. */
export function filterFrames(frames: readonly FlaggedFrame[], choice: Choice): FlaggedFrame[] {
  return frames.filter(
    ({ frame, flags }) =>
      (choice.state === undefined || inState(frame, choice.state)) &&
      (choice.quality === undefined || flags.includes(choice.quality)) &&
      (choice.camera === undefined || frame.camera_id === choice.camera),
  );
}

export function countStates(frames: readonly FlaggedFrame[]): Record<FrameFilter, number> {
  const counts = {} as Record<FrameFilter, number>;
  for (const state of Object.keys(FRAME_FILTER_LABELS) as FrameFilter[]) {
    counts[state] = frames.filter(({ frame }) => inState(frame, state)).length;
  }
  return counts;
}

export function countQuality(frames: readonly FlaggedFrame[]): Record<QualityFilter, number> {
  const counts: Record<QualityFilter, number> = { blurred: 0, dark: 0, bright: 0, duplicate: 0 };
  for (const { flags } of frames) for (const flag of flags) counts[flag] += 1;
  return counts;
}
