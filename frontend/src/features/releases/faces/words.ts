import { count, formatNumber } from '@/shared/lib/format';
import type { Ground, Standing } from './queries';

/** What a mask stands on, in words; the weakest come first on the page. */
export const GROUNDS: Record<string, { title: string; help: string }> = {
  failed: { title: 'Check failed', help: 'The check after masking did not pass: look closely.' },
  doubtful: {
    title: 'Doubtful',
    help: 'What is known of a person does not fit together, or only that somebody is there.',
  },
  shoulders: {
    title: 'From the shoulders',
    help: 'No joint of the face is known: the mask covers where a head may lean.',
  },
  few_face_joints: {
    title: 'One or two joints of the face',
    help: 'The mask covers every head that could carry them.',
  },
  fitted_head: { title: 'Fitted head', help: 'The mask follows the head of a fitted body.' },
  face_joints: {
    title: 'Joints of the face',
    help: 'Three or more are known: the surest ground.',
  },
  nobody: {
    title: 'Nobody known',
    help: 'Nothing is masked. Is there somebody whom no label knows, also in a mirror or on a screen?',
  },
};

export const METHODS: Record<string, string> = {
  blur: 'blurred',
  pixelate: 'pixelated',
  fill: 'filled with grey',
};

/** `5 of 812`: how many of a ground are in the sample. */
export function drawn(ground: Ground): string {
  return `${formatNumber(ground.images.length)} of ${count(ground.of, 'image')}`;
}

/** Where a release stands with its faces, as a sentence. */
export function standingWords({ checks, marks }: Standing): string {
  if (marks.length) {
    return `${count(marks.length, 'image')} of the sample ${marks.length === 1 ? 'is' : 'are'} marked: somebody could be recognised.`;
  }
  const [last] = checks;
  if (!last) return 'Nobody has looked through the sample yet.';
  return `Nobody could be recognised in ${count(last.images, 'image')} of the sample.`;
}

/** How sure a look without findings makes: with 95 % confidence fewer than this share show a face. */
export function fewerThan(looked: number): string {
  if (looked < 1) return '';
  const share = 1 - 0.05 ** (1 / looked);
  return share >= 0.1 ? `${Math.ceil(share * 100)} %` : `${Math.ceil(share * 1000) / 10} %`;
}
