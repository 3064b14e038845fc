import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';

export const bodiesQuery = queryOptions({
  queryKey: keys.bodies,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/bodies', { signal })),
});

export function useAddBody() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { upload_id: number; prior_upload_id?: number }) =>
      answer(http.POST('/api/v1/bodies', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.bodies }),
  });
}

export function useRemoveBody() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      answer(http.DELETE('/api/v1/bodies/{name}', { params: { path: { name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.bodies }),
  });
}
