import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../client';
import { keys } from '../keys';
import type { Job, SystemInfo, Weight } from '../types';

export const systemQuery = queryOptions({
  queryKey: keys.system,
  queryFn: ({ signal }) => api.get<SystemInfo>('/system', { signal }),
  staleTime: 30_000,
});

export const weightsQuery = queryOptions({
  queryKey: keys.weights,
  queryFn: ({ signal }) => api.get<Weight[]>('/weights', { signal }),
});

export function usePullWeights() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => api.post<Job>(`/weights/${encodeURIComponent(name)}/pull`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.jobs }),
  });
}

export function useAddWeights() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, uploadId }: { name: string; uploadId: number }) =>
      api.post<Weight>(`/weights/${encodeURIComponent(name)}`, { upload_id: uploadId }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.weights }),
  });
}
