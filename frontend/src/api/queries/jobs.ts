import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { api } from '../client';
import { keys } from '../keys';
import type { Job, JobLogLine, JobState, Page } from '../types';

export interface JobFilter {
  state?: JobState;
  kind?: string;
  recording_id?: number;
}

export const jobsQuery = (filter: JobFilter) =>
  infiniteQueryOptions({
    queryKey: keys.jobList(filter),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Job>>('/jobs', { query: { ...filter, cursor: pageParam, limit: 50 }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

export const jobQuery = (id: number) =>
  queryOptions({
    queryKey: keys.job(id),
    queryFn: ({ signal }) => api.get<Job>(`/jobs/${id}`, { signal }),
  });

export const jobLogQuery = (id: number) =>
  queryOptions({
    queryKey: keys.jobLog(id),
    queryFn: ({ signal }) => api.get<JobLogLine[]>(`/jobs/${id}/log`, { signal }),
  });

export function isActive(job: { state: JobState }): boolean {
  return job.state === 'queued' || job.state === 'running';
}

export function useJobAction(action: 'cancel' | 'retry') {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => api.post<Job>(`/jobs/${id}/${action}`),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.jobs }),
        client.invalidateQueries({ queryKey: keys.recordings }),
      ]),
  });
}
