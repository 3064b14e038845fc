import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';
import type { Job, JobState } from '../types';

export interface JobFilter {
  state?: JobState;
  kind?: string;
  recording_id?: number;
}

const of = (jobId: number) => ({ path: { job_id: jobId } });

export const jobsQuery = (filter: JobFilter) =>
  infiniteQueryOptions({
    queryKey: keys.jobList(filter),
    queryFn: ({ pageParam, signal }) =>
      answer(
        http.GET('/api/v1/jobs', {
          params: { query: { ...filter, cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export const jobQuery = (id: number) =>
  queryOptions({
    queryKey: keys.job(id),
    queryFn: ({ signal }) => answer(http.GET('/api/v1/jobs/{job_id}', { params: of(id), signal })),
  });

export const jobLogQuery = (id: number) =>
  queryOptions({
    queryKey: keys.jobLog(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/jobs/{job_id}/log', { params: of(id), signal })),
  });

export function isActive(job: { state: JobState } | null | undefined): boolean {
  return job?.state === 'queued' || job?.state === 'running';
}

/** Stops a job that nobody waits for any more; one that has ended meanwhile is left alone. */
export async function abandon(id: number): Promise<void> {
  const { data } = await http.GET('/api/v1/jobs/{job_id}', { params: of(id) });
  if (isActive(data)) await http.POST('/api/v1/jobs/{job_id}/cancel', { params: of(id) });
}

export function useJobAction(action: 'cancel' | 'retry') {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number): Promise<Job> =>
      action === 'cancel'
        ? answer(http.POST('/api/v1/jobs/{job_id}/cancel', { params: of(id) }))
        : answer(http.POST('/api/v1/jobs/{job_id}/retry', { params: of(id) })),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.jobs }),
        client.invalidateQueries({ queryKey: keys.recordings }),
        client.invalidateQueries({ queryKey: keys.exports }),
        client.invalidateQueries({ queryKey: keys.releases }),
      ]),
  });
}
