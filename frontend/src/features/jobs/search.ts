import type { JobState } from '@/shared/api/types';
import { id, oneOf, type RawSearch } from '@/shared/lib/search';

const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

export const jobSearch = (raw: RawSearch): { state?: JobState; log?: number } => ({
  state: oneOf(JOB_STATES, raw.state),
  log: id(raw.log),
});
