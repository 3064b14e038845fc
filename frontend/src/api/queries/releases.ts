import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { API_BASE, api } from '../client';
import { keys } from '../keys';
import type { Export, Job } from '../types';

export const exportsQuery = queryOptions({
  queryKey: keys.exports,
  queryFn: ({ signal }) => api.get<Export[]>('/exports', { signal }),
});

export function exportFileUrl(id: number): string {
  return `${API_BASE}/exports/${id}/file`;
}

export function useCreateExport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (recordingIds: number[]) =>
      api.post<{ export: Export; job: Job }>('/exports', { recording_ids: recordingIds }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.exports }),
        client.invalidateQueries({ queryKey: keys.jobs }),
      ]),
  });
}
