import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../client';
import { keys } from '../keys';
import type { BodyItem } from '../types';

export const bodiesQuery = queryOptions({
  queryKey: keys.bodies,
  queryFn: ({ signal }) => api.get<BodyItem[]>('/bodies', { signal }),
});

export function useAddBody() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { upload_id: number; prior_upload_id?: number }) =>
      api.post<BodyItem>('/bodies', body),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.bodies }),
  });
}

export function useRemoveBody() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => api.delete(`/bodies/${encodeURIComponent(name)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.bodies }),
  });
}
