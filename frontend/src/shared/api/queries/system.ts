import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';
import type { WeightWish } from '../types';

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
    mutationFn: ({ name, ...body }: { name: string } & WeightWish) =>
      answer(http.POST('/api/v1/weights/{name}', { params: { path: { name } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.weights }),
  });
}

/** Makes a checkpoint the one that jobs of its kind take, or takes that back. */
export function useChooseWeights() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, chosen }: { name: string; chosen: boolean }) => {
      const params = { path: { name } };
      return answer(
        chosen
          ? http.POST('/api/v1/weights/{name}/choice', { params })
          : http.DELETE('/api/v1/weights/{name}/choice', { params }),
      );
    },
    onSuccess: (weights) => client.setQueryData(keys.weights, weights),
  });
}

export function useRemoveWeights() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      answer(http.DELETE('/api/v1/weights/{name}', { params: { path: { name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.weights }),
  });
}
