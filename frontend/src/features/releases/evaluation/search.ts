import { JOINTS } from '@/shared/domain/rules.gen';
import { id, oneOf, type RawSearch, text } from '@/shared/lib/search';

export const ERROR_KINDS = ['jitter', 'inversion', 'swap', 'miss'] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];
export type JointName = (typeof JOINTS)[number];

export interface LeaderboardSearch {
  split?: string;
}

export const leaderboardSearch = (raw: RawSearch): LeaderboardSearch => ({
  split: text(raw.split),
});

export interface EvaluationSearch {
  tab?: 'frames';
  joint?: JointName;
  error?: ErrorKind;
  recording?: number;
  posture?: string;
  missed?: boolean;
  sort?: 'best';
  /** The frame that is open, by its id. */
  frame?: number;
}

export const evaluationSearch = (raw: RawSearch): EvaluationSearch => ({
  tab: oneOf(['frames'] as const, raw.tab),
  joint: oneOf(JOINTS, raw.joint),
  error: oneOf(ERROR_KINDS, raw.error),
  recording: id(raw.recording),
  posture: text(raw.posture),
  missed: raw.missed === true ? true : undefined,
  sort: oneOf(['best'] as const, raw.sort),
  frame: id(raw.frame),
});
