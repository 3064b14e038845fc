/** What a training frame's result says, in words. */
import type { components } from '@/shared/api/schema.gen';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import type { Feedback, Training } from './transport';

interface Words {
  readonly title: string;
  readonly text: string;
  readonly good: boolean;
}

export function words(told: Feedback, { min_oks }: Pick<Training, 'min_oks'>): Words {
  if (!told.verdict_agrees) {
    return told.known_verdict === 'keep'
      ? { title: 'This frame is kept', text: 'The known answer keeps it.', good: false }
      : { title: 'This frame is discarded', text: 'The known answer discards it.', good: false };
  }
  if (told.oks === null) {
    return { title: 'Rightly discarded', text: 'The known answer discards it, too.', good: true };
  }
  const good = told.oks >= min_oks;
  const placed = told.px.flatMap((px, joint) => (px === null ? [] : [{ px, joint }]));
  const worst = placed.toSorted((a, b) => b.px - a.px)[0];
  const differ = told.same_visibility.filter((same) => !same).length;
  const far =
    worst === undefined || worst.px < 0.05
      ? 'Every joint lies where it should.'
      : `Farthest: ${JOINT_LABELS[worst.joint]}, ${worst.px.toFixed(1)} px.`;
  const seen = differ === 0 ? '' : ` ${count(differ, 'joint')} with another visibility.`;
  return {
    title: `Similarity ${told.oks.toFixed(2)}${good ? '' : ', not there yet'}`,
    text: `${far}${seen} The known answer is drawn behind yours.`,
    good,
  };
}

export function standingWords({
  frames,
  of,
  reached,
}: components['schemas']['StandingOut']): string {
  if (reached) return `The standard is reached over the last ${count(of, 'frame')}.`;
  if (frames < of) return `${frames} of ${count(of, 'frame')} that count.`;
  return `Not reached yet over the last ${count(of, 'frame')}; earlier ones no longer count.`;
}
