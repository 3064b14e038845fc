/** What inspectors say with one key, and how numbers of a comparison read. */

import type { Comparison, QuickReason, Sample, Vouching } from '@/shared/api/types';
import { MIN_LOOK_S, MIRROR } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';

/** In the order of the keys 1 to 6. */
export const QUICK_REASONS: readonly QuickReason[] = [
  'off',
  'sides',
  'visibility',
  'person',
  'missing',
  'discard',
];

export const REASON_WORDS: Readonly<Record<QuickReason, string>> = {
  off: 'Beside its place',
  sides: 'Left and right exchanged',
  visibility: 'Visibility is wrong',
  person: 'On another person',
  missing: 'Could be placed',
  discard: 'Keep or discard is wrong',
};

/**
 * The joints that a reason sends back, given the chosen one; none: it is about the whole frame.
 *
 * Exchanged sides concern both joints of the pair, and whether a frame is kept is no joint's.
 */
export function concerned(reason: QuickReason, chosen: number | null): readonly number[] {
  if (chosen === null || reason === 'discard') return [];
  const other = MIRROR[chosen];
  return reason === 'sides' && other !== undefined && other !== chosen ? [chosen, other] : [chosen];
}

/**
 * Joints of a frame that changed since the round before though others were sent back. None where
 * the frame went back as a whole.
 */
export function alsoChanged({ open_joints, previous, now }: Changed): readonly number[] {
  if (open_joints === null || previous === null) return [];
  return previous.joints.flatMap((before, i) => {
    const moved = (previous.pixels[i] ?? 0) > 0.05 || (now?.[i]?.v ?? 0) !== before.v;
    return moved && !open_joints.includes(i) ? [i] : [];
  });
}

type Changed = Pick<Comparison, 'open_joints' | 'previous' | 'now'>;

export const px = (value: number | null | undefined): string =>
  value == null ? '–' : value < 9.95 ? value.toFixed(1) : value.toFixed(0);

export const oks = (value: number | null | undefined): string =>
  value == null ? '–' : value.toFixed(2).replace(/^0/, '').replace('1.00', '1');

/** `0 wrong of 510 joints: at most 14.8 in 1,000` */
export function resultOf({ wrong, joints, rate, low, high }: Sample): string {
  const seen = `${wrong ?? 0} wrong of ${count(joints ?? 0, 'joint')}`;
  if (rate === null || low === null || high === null) return seen;
  return `${seen}: ${rate} in 1,000, and with 95 % confidence between ${low} and ${high}`;
}

/** The sample of this round that was drawn and not finished. */
export const openSample = (vouching: Vouching | undefined): Sample | null =>
  vouching?.samples.find(
    ({ round, finished_at }) => round === vouching.round && finished_at === null,
  ) ?? null;

/** `Random sample of 30 from 600 frames (seed 7)` */
export const sampleWords = ({ size, population, seed }: Sample): string =>
  `Random sample of ${size.toLocaleString('en')} from ${count(population, 'frame')} (seed ${seed})`;

/** Why a drawn sample stands in the way of an approval; null where it does not. */
export function whySampleWaits(vouching: Vouching | undefined): string | null {
  const sample = openSample(vouching);
  if (sample === null || sample.left === 0) return null;
  const are = sample.left === 1 ? 'is' : 'are';
  return `${sampleWords(sample)}: ${count(sample.left, 'frame')} of it ${are} not yet looked at and marked. A frame that was shown for less than ${MIN_LOOK_S} s was not looked at.`;
}
