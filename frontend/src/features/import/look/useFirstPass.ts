import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { answer, http } from '@/shared/api/client';
import { errorMessage } from '@/shared/api/problem';
import { abandon } from '@/shared/api/queries/jobs';
import type { Job } from '@/shared/api/types';
import { type Choices, type FirstPass, toServer } from './choices';

const POLL_MS = 600;
const PAUSE_MS = 400;

/** Finished uploads of labels, and of what they label. */
export interface LookFiles {
  images: readonly number[];
  labels: readonly number[];
}

export interface Look {
  /** What was found last; with other choices than now while `running`. */
  report: FirstPass | null;
  running: boolean;
  /** The job while it runs, for its progress. */
  job: Job | null;
  /** Why the files could not be looked through. */
  error: string | null;
  /** Look once more at the same files. */
  again: () => void;
}

const ended = (job: Job | undefined) => job !== undefined && job.finished_at !== null;

/** Follows a value after it has been still for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  const text = JSON.stringify(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal content is the same value
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** Lets the server look through the files, and again whenever other choices are made. */
export function useFirstPass(files: LookFiles | null, choices: Choices): Look {
  const settled = useSettled(choices);
  const request = files && {
    upload_ids: [...files.images],
    label_upload_ids: [...files.labels],
    choices: toServer(settled),
  };
  const begun = useQuery({
    queryKey: ['import-look', request],
    queryFn: () => {
      if (!request) throw new Error('no files');
      return answer(http.POST('/api/v1/recordings/import/check', { body: request }));
    },
    enabled: request !== null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const id = begun.data?.id;
  const found = useQuery({
    queryKey: ['import-look-result', id],
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/import/check/{job_id}', {
          params: { path: { job_id: id ?? 0 } },
          signal,
        }),
      ),
    enabled: id !== undefined,
    refetchInterval: (query) => (ended(query.state.data?.job) ? false : POLL_MS),
  });
  const job = found.data?.job;

  // A pass that nobody waits for any more need not go on.
  const over = useRef(false);
  over.current = ended(job);
  useEffect(() => {
    if (id === undefined) return;
    return () => {
      if (!over.current) abandon(id).catch(() => undefined);
    };
  }, [id]);

  const sent = files && JSON.stringify(files);
  const last = useRef<{ sent: string | null; report: FirstPass | null }>({
    sent: null,
    report: null,
  });
  if (last.current.sent !== sent) last.current = { sent, report: null };
  if (found.data?.report) last.current.report = found.data.report;

  const failed = job?.state === 'failed' || job?.state === 'cancelled';
  const refused = begun.error ?? found.error;
  const error = refused ? errorMessage(refused) : failed ? (job?.error ?? 'Cancelled.') : null;
  const waiting = JSON.stringify(choices) !== JSON.stringify(settled);
  return {
    report: files ? last.current.report : null,
    running: files !== null && !error && (waiting || !ended(job)),
    job: job && !ended(job) ? job : null,
    error,
    again: () => void begun.refetch(),
  };
}
