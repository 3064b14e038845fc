/** What stands behind the question mark of a page's address, read with care. */
import type { JobState } from '@/shared/api/types';
import {
  FRAME_STATES,
  QUALITY_FLAGS,
  type QualityFlag,
  STAGES,
  type Stage,
} from '@/shared/domain/rules.gen';

type Raw = Record<string, unknown>;

function oneOf<T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((v) => v === value);
}

function text(value: unknown): string | undefined {
  const string = typeof value === 'number' ? String(value) : value;
  return typeof string === 'string' && string ? string : undefined;
}

function id(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

/** Only addresses of our own pages; `//elsewhere` would leave the site. */
export function ownPath(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined;
}

export const loginSearch = (raw: Raw): { next?: string } => ({ next: ownPath(raw.next) });

export interface RecordingsSearch {
  stage?: Stage;
  mine?: 'annotate' | 'inspect' | 'any';
  q?: string;
}

export const recordingsSearch = (raw: Raw): RecordingsSearch => ({
  stage: oneOf(STAGES, raw.stage),
  mine: oneOf(['annotate', 'inspect', 'any'] as const, raw.mine),
  q: text(raw.q),
});

export const RECORDING_TABS = ['frames', 'rounds', 'comments', 'activity'] as const;
export type RecordingTab = (typeof RECORDING_TABS)[number];

export const FRAME_FILTERS = [
  ...FRAME_STATES,
  'returned',
  'commented',
  'changed',
  'doubtful_box',
  'box_sent_back',
] as const;
export type FrameFilter = (typeof FRAME_FILTERS)[number];

export interface RecordingSearch {
  tab?: RecordingTab;
  state?: FrameFilter;
  quality?: QualityFlag;
  camera?: number;
  /** The import's job, so that its failure can be told after the recording is gone. */
  job?: number;
}

export const recordingSearch = (raw: Raw): RecordingSearch => ({
  tab: oneOf(RECORDING_TABS, raw.tab),
  state: oneOf(FRAME_FILTERS, raw.state),
  quality: oneOf(QUALITY_FLAGS, raw.quality),
  camera: id(raw.camera),
  job: id(raw.job),
});

const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

export const jobSearch = (raw: Raw): { state?: JobState; log?: number } => ({
  state: oneOf(JOB_STATES, raw.state),
  log: id(raw.log),
});
