import { openDoubts } from '@/shared/api/doubts';
import type { FrameItem } from '@/shared/api/types';
import type { QualityFlag } from '@/shared/domain/rules.gen';
import { shownState } from '@/shared/ui';
import type { FrameFilter, FrameOrder, RecordingSearch } from './search';

export const FRAME_FILTER_LABELS: Record<FrameFilter, string> = {
  undecided: 'Undecided',
  accepted: 'Accepted',
  corrected: 'Corrected',
  discarded: 'Discarded',
  suspicious: 'Suspicious',
  quick: 'Accepted quickly',
  returned: 'To revise',
  commented: 'With comments',
  changed: 'Changed since last round',
  doubtful_box: 'Doubtful box',
  box_sent_back: 'Box sent back',
};

function inState(frame: FrameItem, filter: FrameFilter): boolean {
  if (filter === 'commented') return frame.comments > 0;
  if (filter === 'changed') return frame.changed;
  if (filter === 'suspicious') return openDoubts(frame) > 0;
  if (filter === 'quick') return frame.quick === true;
  if (filter === 'doubtful_box') return frame.box?.flagged ?? false;
  if (filter === 'box_sent_back') return frame.box?.status === 'sent_back';
  return shownState(frame) === filter;
}

export const FRAME_ORDER_LABELS: Record<FrameOrder, string> = {
  working: 'Working order',
  doubted: 'Most doubted first',
};

type Choice = Pick<RecordingSearch, 'state' | 'quality' | 'camera' | 'order'>;

/** Suspicious frames come by how doubted they are, unless somebody wants it otherwise. */
export const orderOf = ({ order, state }: Choice): FrameOrder =>
  order ?? (state === 'suspicious' ? 'doubted' : 'working');

/** Filters choose what is shown, in the order that was chosen. */
export function filterFrames(frames: readonly FrameItem[], choice: Choice): FrameItem[] {
  const chosen = frames.filter(
    (frame) =>
      (choice.state === undefined || inState(frame, choice.state)) &&
      (choice.quality === undefined || frame.flags.includes(choice.quality)) &&
      (choice.camera === undefined || frame.camera_id === choice.camera),
  );
  if (orderOf(choice) === 'working') return chosen;
  return chosen.sort((a, b) => (b.percent ?? 0) - (a.percent ?? 0) || a.position - b.position);
}

export function countStates(frames: readonly FrameItem[]): Record<FrameFilter, number> {
  const counts = {} as Record<FrameFilter, number>;
  for (const state of Object.keys(FRAME_FILTER_LABELS) as FrameFilter[]) {
    counts[state] = frames.filter((frame) => inState(frame, state)).length;
  }
  return counts;
}

export function countQuality(frames: readonly FrameItem[]): Record<QualityFlag, number> {
  const counts: Record<QualityFlag, number> = { blurred: 0, dark: 0, bright: 0, duplicate: 0 };
  for (const { flags } of frames) for (const flag of flags) counts[flag] += 1;
  return counts;
}
