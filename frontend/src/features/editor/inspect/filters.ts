/** Which frames the inspector wants to see. A filter chooses frames; nothing of a frame is hidden. */
import { openDoubts } from '@/shared/api/doubts';
import type { FrameItem, InspectionFacts } from '@/shared/api/types';
import { DOUBTFUL_FLAGS, LOW_AGREEMENT } from '@/shared/domain/rules.gen';
import { drawn } from './drawing';

export const INSPECT_FILTERS = [
  'open',
  'sample',
  'changed',
  'propagated',
  'playback',
  'commented',
  'flagged',
  'suspicious',
  'quick',
  'disagrees',
  'wrong',
  'glanced',
  'discarded',
  'approved',
  'random',
] as const;
export type InspectFilter = (typeof INSPECT_FILTERS)[number];

export const FILTER_LABELS: Readonly<Record<InspectFilter, string>> = {
  open: 'Not inspected yet',
  sample: 'In the random sample',
  changed: 'Changed since the last round',
  propagated: 'Propagated',
  playback: 'Accepted in playback',
  commented: 'With an open comment',
  flagged: 'Blurred, dark or repeated',
  suspicious: 'With a doubted joint',
  quick: 'Accepted without looking',
  disagrees: 'Far from the model',
  wrong: 'With a joint marked wrong',
  glanced: 'Marked good without a look',
  discarded: 'Discarded',
  approved: 'Approved',
  random: 'Some, drawn by chance',
};

/** A frame with all that the filters ask. */
export interface InspectItem {
  readonly frame: FrameItem;
  /** OKS of the model against the annotator; null where there is nothing to compare. */
  readonly agreement: number | null;
  readonly author: number | null;
  readonly propagated: boolean;
  readonly approved: boolean;
  readonly wrong: number;
  readonly seen: boolean;
  /** Marked good in this round, and not looked at. */
  readonly glanced: boolean;
  readonly sampled: boolean;
}

/** Frames with the facts of the same frames; what the facts do not know yet is left open. */
export function together(
  frames: readonly FrameItem[],
  facts: InspectionFacts | undefined,
): InspectItem[] {
  const at = new Map(facts?.id.map((id, i) => [id, i]));
  return frames.map((frame) => {
    const i = at.get(frame.id) ?? -1;
    return {
      frame,
      agreement: facts?.agreement[i] ?? null,
      author: facts?.author[i] ?? null,
      propagated: facts?.propagated[i] ?? false,
      approved: facts?.approved[i] ?? false,
      wrong: facts?.wrong[i] ?? 0,
      seen: facts?.seen[i] ?? false,
      glanced: facts?.glanced[i] ?? false,
      sampled: facts?.sampled[i] ?? false,
    };
  });
}

const FITS: Readonly<Record<Exclude<InspectFilter, 'random'>, (item: InspectItem) => boolean>> = {
  open: ({ frame, approved }) => frame.mark === null && !approved,
  sample: ({ sampled }) => sampled,
  changed: ({ frame }) => frame.changed,
  propagated: ({ propagated }) => propagated,
  playback: ({ frame }) => frame.in_playback,
  commented: ({ frame }) => frame.comments > 0,
  flagged: ({ frame }) => frame.flags.some((flag) => DOUBTFUL_FLAGS.includes(flag)),
  suspicious: ({ frame }) => openDoubts(frame) > 0,
  quick: ({ frame }) => frame.quick === true,
  disagrees: ({ agreement }) => agreement !== null && agreement < LOW_AGREEMENT,
  wrong: ({ wrong }) => wrong > 0,
  glanced: ({ glanced }) => glanced,
  discarded: ({ frame }) => frame.state === 'discarded',
  approved: ({ frame, approved }) => approved || frame.mark === 'good',
};

export interface Wanted {
  readonly show?: InspectFilter | undefined;
  readonly person?: number | undefined;
  readonly camera?: number | undefined;
  readonly size?: number | undefined;
  readonly seed?: number | undefined;
}

export const USUAL_SIZE = 30;

/** The frames that are asked for, in working order; those far from the model by how far. */
export function chosen(items: readonly InspectItem[], wanted: Wanted): InspectItem[] {
  const { show, person, camera } = wanted;
  let found = items.filter(
    ({ frame, author }) =>
      (camera === undefined || frame.camera_id === camera) &&
      (person === undefined || author === person),
  );
  if (show === 'random') {
    const ids = found.map(({ frame }) => frame.id);
    const some = new Set(drawn(ids, wanted.size ?? USUAL_SIZE, wanted.seed ?? 1));
    return found.filter(({ frame }) => some.has(frame.id));
  }
  if (show !== undefined) found = found.filter(FITS[show]);
  if (show === 'disagrees') found.sort((a, b) => (a.agreement ?? 1) - (b.agreement ?? 1));
  if (show === 'suspicious') found.sort((a, b) => (b.frame.percent ?? 0) - (a.frame.percent ?? 0));
  return found;
}

/** How many frames each filter leaves. */
export function counted(
  items: readonly InspectItem[],
): Readonly<Record<Exclude<InspectFilter, 'random'>, number>> {
  const names = Object.keys(FITS) as Exclude<InspectFilter, 'random'>[];
  return Object.fromEntries(
    names.map((name) => [name, items.reduce((n, item) => n + Number(FITS[name](item)), 0)]),
  ) as Record<Exclude<InspectFilter, 'random'>, number>;
}
