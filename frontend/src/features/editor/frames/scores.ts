import type { FrameDocument } from '@/shared/api/types';

type Person = Pick<FrameDocument['candidates'][number], 'score' | 'scores'>;

/**
 * Whether a person has no scores to speak of: files of labels give none, which stands as 1 everywhere,
 * and would look like certainty.
 */
export const isUnscored = ({ score, scores }: Person): boolean =>
  score === 1 && scores.every((one) => one === 0 || one === 1);
