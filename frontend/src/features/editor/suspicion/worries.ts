/**
 * One list of all that is doubted in a frame: what the queue found in the background, and what is
 * checked while a hand drags. The same thing is said once, and answered once.
 */
import type { DoubtedJoint } from '@/shared/api/types';
import { DOUBT_OF, DOUBTS, type Doubt, WHOLE_BODY } from '@/shared/domain/rules.gen';
import { isPresent, jointAt } from '../document/skeleton';
import type { Skeleton } from '../document/types';
import type { Check } from '../frames/checks';
import type { Word } from './book';

export interface Worry {
  readonly doubt: Doubt;
  /** The plainest reason as a sentence for people. */
  readonly sentence: string;
  /** Further reasons about the same joint. */
  readonly also: readonly Doubt[];
  /** The joint to look at first; all that one answer is for. */
  readonly joints: readonly number[];
  /** About all joints at once. */
  readonly whole: boolean;
  /** How likely it needs a hand; null where only a check says so. */
  readonly percent: number | null;
  /** Whose word says that it is right as it lies. */
  readonly waived: { readonly name: string; readonly note: string | null } | null;
}

interface Said {
  readonly doubt: Doubt;
  readonly sentence: string;
  readonly joints: readonly number[];
  readonly percent: number | null;
}

/** Where joints lay when they were first seen with a doubt whose place the server did not tell. */
const firstSeen = new WeakMap<DoubtedJoint, { x: number; y: number }>();

export function worriesAbout({
  checks,
  doubted,
  skeleton,
  words,
}: {
  readonly checks: readonly Check[];
  readonly doubted: readonly DoubtedJoint[];
  readonly skeleton: Skeleton | null;
  readonly words: readonly Word[];
}): Worry[] {
  if (skeleton === null) return [];
  const present = skeleton.flatMap((joint, i) => (isPresent(joint) ? [i] : []));
  const live = checks.map(({ kind, message, joints }): Said => {
    const about = joints.length > 0 ? joints : present;
    return { doubt: DOUBT_OF[kind], sentence: message, joints: about, percent: null };
  });
  const queued = doubted
    .filter((found) => liesAsSeen(found, skeleton))
    .map(
      ({ doubt, reason, joint, percent }): Said => ({
        doubt,
        sentence: reason,
        joints: [joint],
        percent,
      }),
    );
  const groups = new Map<string, Said[]>();
  const plainest = [...live, ...queued].sort(
    (a, b) => DOUBTS.indexOf(a.doubt) - DOUBTS.indexOf(b.doubt),
  );
  for (const said of plainest) {
    const key = keyOf(said, groups);
    groups.set(key, [...(groups.get(key) ?? []), said]);
  }
  const worries = [...groups.values()].map((group) => worryOf(group, present, skeleton, words));
  const weight = ({ percent, waived }: Worry): number =>
    // What only a check says was made just now, by the hand that is on it.
    (percent ?? 100) - (waived === null ? 0 : 200);
  return worries.sort((a, b) => weight(b) - weight(a));
}

/**
 * Whether a joint lies where it was doubted: who moves one is judged anew, and what is inferred in a
 * pre-label's place is not what was doubted.
 */
function liesAsSeen(found: DoubtedJoint, skeleton: Skeleton): boolean {
  const { x, y, v } = jointAt(skeleton, found.joint);
  const told = found.x === null || found.y === null ? undefined : { x: found.x, y: found.y };
  const before = told ?? firstSeen.get(found);
  if (before === undefined) firstSeen.set(found, { x, y });
  return v !== 0 && (before === undefined || (before.x === x && before.y === y));
}

const TOGETHER: readonly Doubt[] = [...WHOLE_BODY, 'exchanged'];

/** What is one thing: a doubt about the whole body, or all that is said of a joint. */
function keyOf({ doubt, joints }: Said, groups: ReadonlyMap<string, readonly Said[]>): string {
  if (TOGETHER.includes(doubt)) return doubt;
  const [first = -1] = joints;
  // A limb has two ends: what is said of it by either is said of the one that comes first.
  for (const [key, group] of groups) {
    const same = group.some((said) => said.doubt === doubt && said.joints.includes(first));
    if (same || key === `joint ${first}`) return key;
  }
  return `joint ${first}`;
}

function worryOf(
  group: readonly Said[],
  present: readonly number[],
  skeleton: Skeleton,
  words: readonly Word[],
): Worry {
  const [{ doubt, sentence }] = group as [Said];
  const whole = WHOLE_BODY.includes(doubt);
  const joints = whole ? present : [...new Set(group.flatMap((said) => said.joints))];
  const percents = group.flatMap(({ percent }) => percent ?? []);
  return {
    doubt,
    sentence,
    also: [...new Set(group.map((said) => said.doubt))].filter((other) => other !== doubt),
    joints,
    whole,
    percent: percents.length > 0 ? Math.max(...percents) : null,
    waived: waivedBy(joints, skeleton, words),
  };
}

/** Whose word holds of all these joints: each lies where it lay when somebody said so. */
function waivedBy(
  joints: readonly number[],
  skeleton: Skeleton,
  words: readonly Word[],
): Worry['waived'] {
  const found = joints.map((joint) =>
    words.find((word) => {
      const { x, y } = jointAt(skeleton, joint);
      return word.joint === joint && word.x === x && word.y === y;
    }),
  );
  const [first] = found;
  return first !== undefined && found.every((word) => word !== undefined)
    ? { name: first.name, note: first.note }
    : null;
}

/** So many joints with the same doubt say one thing: a list of them would push all else away. */
export const MANY_ALIKE = 5;

/** The lines of a list: what is doubted alike of many joints, and answered alike, stands together. */
export function inLines(worries: readonly Worry[]): (readonly Worry[])[] {
  const answer = ({ waived }: Worry): string => JSON.stringify([waived?.name, waived?.note]);
  const lines: (readonly Worry[])[] = [];
  for (const worry of worries) {
    const together = worries.filter(
      (other) => !other.whole && other.doubt === worry.doubt && answer(other) === answer(worry),
    );
    if (worry.whole || together.length < MANY_ALIKE) lines.push([worry]);
    else if (together[0] === worry) lines.push(together);
  }
  return lines;
}
