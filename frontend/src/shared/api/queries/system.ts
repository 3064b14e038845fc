import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';

export const systemQuery = queryOptions({
  queryKey: keys.system,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/system', { signal })),
  staleTime: 30_000,
});

export const weightsQuery = queryOptions({
  queryKey: keys.weights,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/weights', { signal })),
});

export function usePullWeights() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      answer(http.POST('/api/v1/weights/{name}/pull', { params: { path: { name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.jobs }),
  });
}

export function useAddWeights() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, uploadId }: { name: string; uploadId: number }) =>
      answer(
        http.POST('/api/v1/weights/{name}', {
          params: { path: { name } },
          body: { upload_id: uploadId },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.weights }),
  });
}
