/** Which frame comes next: plain steps, filters, and the next one that needs its reader. */
import { inBoxOrder, needsBox } from '@/features/recordings/parts/boxOrder';
import { openDoubts } from '@/shared/api/doubts';
import type { FrameItem } from '@/shared/api/types';
import { DOUBTFUL_FLAGS, LOW_AGREEMENT, type Stage } from '@/shared/domain/rules.gen';
import { QUALITY_LABELS } from '@/shared/domain/words';
import { drawn } from '../inspect/drawing';
import { USUAL_SIZE } from '../inspect/filters';
import { mostDoubtedFirst } from '../suspicion/book';

export const FILTERS = [
  'all',
  'suspicious',
  'undecided',
  'to_revise',
  'commented',
  'changed',
  'quick',
  'sampled',
  'flagged',
  'discarded',
  'in_playback',
  'propagated',
  'disagrees',
] as const;
type NamedFilter = (typeof FILTERS)[number];
/** Also by whom a frame was written last, and a number of frames that a seed draws. */
export type Filter = NamedFilter | `by:${number}` | `drawn:${number}`;

const FILTER_LABELS: Readonly<Record<NamedFilter, string>> = {
  all: 'All frames',
  undecided: 'Undecided',
  to_revise: 'To revise',
  commented: 'Commented',
  changed: 'Changed since the last round',
  suspicious: 'Suspicious, the most doubted first',
  quick: 'Accepted quickly',
  sampled: 'Accepted quickly, drawn for inspection',
  flagged: 'Picture or box to check',
  discarded: 'Discarded',
  in_playback: 'Accepted in playback',
  propagated: 'Propagated',
  disagrees: 'Far from the model',
};

export type Mode = 'annotate' | 'inspect' | 'boxes' | 'read';

/** Why a frame deserves a second look, in words; empty where it does not. */
export function concernsAbout({ box, flags }: FrameItem): string[] {
  const words: string[] = [];
  if (box?.stale) words.push('box older than the joints');
  if (box?.flagged) words.push('mask and joints disagree');
  const doubtful = flags.filter((flag) => DOUBTFUL_FLAGS.includes(flag));
  return [...words, ...doubtful.map((flag) => QUALITY_LABELS[flag].toLowerCase())];
}

function matches(item: FrameItem, filter: NamedFilter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'undecided':
      return item.state === 'undecided';
    case 'to_revise':
      return item.returned || item.mark === 'revise' || item.box?.status === 'sent_back';
    case 'commented':
      return item.comments > 0;
    case 'changed':
      return item.changed;
    case 'suspicious':
      return openDoubts(item) > 0;
    case 'quick':
      return item.quick === true;
    case 'sampled':
      return item.sampled === true;
    case 'flagged':
      return concernsAbout(item).length > 0;
    case 'discarded':
      return item.state === 'discarded';
    case 'in_playback':
      return item.in_playback;
    case 'propagated':
      return item.propagated === true;
    case 'disagrees':
      return (item.agreement ?? 1) < LOW_AGREEMENT;
  }
}

/** Which of the frames a filter leaves to step through. */
function kept(frames: readonly FrameItem[], filter: Filter): (item: FrameItem) => boolean {
  const [kind, number] = filter.split(':');
  if (number === undefined) return (item) => matches(item, filter as NamedFilter);
  if (kind === 'by') return ({ author }) => author === Number(number);
  const ids = frames.map(({ id }) => id);
  const some = new Set(drawn(ids, USUAL_SIZE, Number(number)));
  return ({ id }) => some.has(id);
}

/** What the filter is called: box review steps through kept frames only. */
export const filterLabel = (filter: NamedFilter, mode: Mode): string =>
  filter === 'all' && mode === 'boxes' ? 'Kept frames' : FILTER_LABELS[filter];

/** How many frames each filter leaves to step through. */
export function filterCounts(
  frames: readonly FrameItem[],
  mode: Mode,
): ReadonlyMap<NamedFilter, number> {
  const steps = mode === 'boxes' ? frames.filter(needsBox) : frames;
  return new Map(FILTERS.map((name) => [name, steps.filter((item) => matches(item, name)).length]));
}

/** Whose work it is, and where it stands. */
export interface Work {
  readonly mode: Mode;
  readonly stage: Stage;
}

/** Whether the person of this mode still has something to say to a frame. */
export function needsMe(item: FrameItem, { mode, stage }: Work): boolean {
  switch (mode) {
    case 'annotate': {
      // After a return an open comment asks for an answer, whatever the frame's own state.
      const asked = (stage === 'returned' || stage === 'boxes_returned') && item.comments > 0;
      const sentBack = item.returned || item.box?.status === 'sent_back';
      return item.state === 'undecided' || sentBack || asked;
    }
    case 'inspect':
      return item.mark === null;
    case 'boxes':
      return item.box === null ? needsBox(item) : item.box.status === 'proposed';
    case 'read':
      return false;
  }
}

/** Whether a flagged box has no decision yet: the recording cannot be approved before it has one. */
export const awaitsDecision = (item: FrameItem): boolean =>
  item.box?.flagged === true && item.box.status === 'proposed';

/**
 * Indices into `frames` in the order in which keys step through them; box review has its own.
 */
export function orderOf(
  frames: readonly FrameItem[],
  filter: Filter,
  mode: Mode,
): readonly number[] {
  const indices: number[] = [];
  const keeps = kept(frames, filter);
  frames.forEach((item, i) => {
    if (keeps(item)) indices.push(i);
  });
  if (filter === 'suspicious') return mostDoubtedFirst(frames, indices);
  return mode === 'boxes' ? inBoxOrder(frames, indices) : indices;
}

/** The same frames moment by moment, and in the order of the cameras within one. */
export function byMoment(
  frames: readonly FrameItem[],
  order: readonly number[],
): readonly number[] {
  const moment = (i: number): number => frames[i]?.moment_index ?? 0;
  return [...order].sort((a, b) => moment(a) - moment(b) || a - b);
}

/**
 * The frame to go to, `steps` moments further: of the same camera where the order has one.
 *
 * From a moment outside of the order, the nearest one in that direction; null where there is none.
 */
export function stepMoments(
  frames: readonly FrameItem[],
  order: readonly number[],
  current: number,
  steps: number,
): number | null {
  const here = frames[current];
  if (here === undefined || order.length === 0) return null;
  const moments = [...new Set(order.map((i) => frames[i]?.moment_index ?? 0))];
  moments.sort((a, b) => a - b);
  const at = moments.indexOf(here.moment_index);
  const outside =
    steps > 0
      ? moments.findIndex((m) => m > here.moment_index)
      : moments.findLastIndex((m) => m < here.moment_index);
  const to = at >= 0 ? at + steps : outside;
  const wanted = moments[Math.min(Math.max(to, 0), moments.length - 1)];
  if (at < 0 && outside < 0) return null;
  const there = order.filter((i) => frames[i]?.moment_index === wanted);
  return there.find((i) => frames[i]?.camera_id === here.camera_id) ?? there[0] ?? null;
}

/** The index `steps` further in the order, staying inside it; from outside, the nearest one. */
export function stepFrom(order: readonly number[], current: number, steps: number): number | null {
  if (order.length === 0) return null;
  const at = order.indexOf(current);
  if (at >= 0) {
    return order[Math.min(Math.max(at + steps, 0), order.length - 1)] ?? null;
  }
  return steps > 0
    ? (order.find((i) => i > current) ?? order.at(-1) ?? null)
    : (order.findLast((i) => i < current) ?? order[0] ?? null);
}

/**
 * Whether a frame needs more than an answer. An open comment may be one's own, and what was sent
 * back waits for more than words.
 */
const isUndone = (item: FrameItem, { mode }: Work): boolean =>
  mode !== 'annotate' ||
  item.state === 'undecided' ||
  item.returned ||
  item.box?.status === 'sent_back';

/**
 * The next frame in the order that needs this person, going round once; null if none does.
 *
 * Frames that are only commented come when nothing else is left.
 */
export function nextNeeding(
  frames: readonly FrameItem[],
  order: readonly number[],
  current: number,
  work: Work,
  direction: 1 | -1,
): number | null {
  return (
    nextThat(
      (item) => needsMe(item, work) && isUndone(item, work),
      frames,
      order,
      current,
      direction,
    ) ?? nextThat((item) => needsMe(item, work), frames, order, current, direction)
  );
}

function nextThat(
  fits: (item: FrameItem) => boolean,
  frames: readonly FrameItem[],
  order: readonly number[],
  current: number,
  direction: 1 | -1,
): number | null {
  const start = order.indexOf(current);
  for (let n = 1; n <= order.length; n++) {
    const at = (((start + n * direction) % order.length) + order.length) % order.length;
    const index = order[at];
    const item = index === undefined ? undefined : frames[index];
    if (item && index !== undefined && index !== current && fits(item)) return index;
  }
  return null;
}
