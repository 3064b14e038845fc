import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http, urlOf } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { RunItem, TrainWish } from '@/shared/api/types';

export const recipesQuery = queryOptions({
  queryKey: keys.recipes,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/recipes', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const runsQuery = queryOptions({
  queryKey: keys.runs,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/runs', { signal })),
});

const of = (id: number) => ({ path: { run_id: id } });

export const runQuery = (id: number) =>
  queryOptions({
    queryKey: keys.run(id),
    queryFn: ({ signal }) => answer(http.GET('/api/v1/runs/{run_id}', { params: of(id), signal })),
  });

/** Losses and scores; asked for again every two seconds while the run goes on. */
export const curvesQuery = (id: number, live: boolean) =>
  queryOptions({
    queryKey: keys.runCurves(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/runs/{run_id}/curves', { params: of(id), signal })),
    refetchInterval: live ? 2_000 : false,
  });

export const publishedQuery = queryOptions({
  queryKey: keys.releases,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/releases', { signal })),
});

export const pictureUrl = (run: number, file: string) =>
  urlOf('/api/v1/runs/{run_id}/pictures/{file}', { run_id: run, file });

export function useTrain() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ release, ...body }: { release: number } & TrainWish) =>
      answer(
        http.POST('/api/v1/releases/{release_id}/runs', {
          params: { path: { release_id: release } },
          body,
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.runs }),
  });
}

export function useDecide(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (decision: 'chosen' | 'declined') =>
      answer(http.POST('/api/v1/runs/{run_id}/decision', { params: of(id), body: { decision } })),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.runs }),
        client.invalidateQueries({ queryKey: keys.weights }),
      ]),
  });
}

export function useDeleteRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => answer(http.DELETE('/api/v1/runs/{run_id}', { params: of(id) })),
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: keys.run(id) });
      return client.invalidateQueries({ queryKey: keys.runs, exact: true });
    },
  });
}

/** Whether a run waits or goes on. */
export const goesOn = (run: RunItem) =>
  run.job !== null && (run.job.state === 'queued' || run.job.state === 'running');
