/** Whether a recording is still there; a failed import takes its recording with it. */
import { isStatus } from '@/shared/api/problem';
import type { Job } from '@/shared/api/types';

interface Known {
  /** What asking for the recording and for its frames gave. */
  errors: readonly unknown[];
  /** The import's job as the address names it. */
  job: number | undefined;
  /** The newest job of the recording when it was last seen. */
  lastJob: Pick<Job, 'id' | 'kind'> | null | undefined;
}

export type Presence = { is: 'there' } | { is: 'unknown' } | { is: 'not-imported'; job: number };

/** Either answer tells that it is gone: they do not come at the same time. */
export function presenceOf({ errors, job, lastJob }: Known): Presence {
  if (!errors.some((error) => isStatus(error, 404))) return { is: 'there' };
  const importing = job ?? (lastJob?.kind === 'ingest' ? lastJob.id : undefined);
  return importing === undefined ? { is: 'unknown' } : { is: 'not-imported', job: importing };
}
