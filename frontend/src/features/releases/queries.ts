import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { answer, http, urlOf } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { jobQuery } from '@/shared/api/queries/jobs';
import type { components } from '@/shared/api/schema.gen';
import type { Job, Release, ReleaseEffect } from '@/shared/api/types';

type Schemas = components['schemas'];
export type EffectAsked = Schemas['EffectAsked'];
export type ReleaseEdit = Schemas['ReleaseEdit'];
export type Change = Schemas['Change'];
export type Gate = Schemas['GateOut'];
export type Infant = ReleaseEffect['table'][number];
export type Held = ReleaseEffect['held'][number];

/** How many files the page lists; the archive holds all. */
export const FILES_SHOWN = 200;

const of = (id: number) => ({ path: { release_id: id } });

export const datasetsQuery = queryOptions({
  queryKey: keys.datasets,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/datasets', { signal })),
});

export const releasesQuery = queryOptions({
  queryKey: keys.releases,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/releases', { signal })),
});

export const releaseQuery = (id: number) =>
  queryOptions({
    queryKey: keys.release(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/releases/{release_id}', { params: of(id), signal })),
  });

/** What settings select; the answer before stands until the next is there. */
export const effectQuery = (id: number, asked: EffectAsked) =>
  queryOptions({
    queryKey: keys.releaseEffect(id, asked),
    queryFn: ({ signal }) =>
      answer(
        http.POST('/api/v1/releases/{release_id}/effect', {
          params: of(id),
          body: asked,
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });

export const filesQuery = (id: number) =>
  queryOptions({
    queryKey: keys.releaseFiles(id),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/releases/{release_id}/files', {
          params: { ...of(id), query: { limit: FILES_SHOWN } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The folders of a file's path stay folders in its address. */
export function fileUrl(id: number, path: string): string {
  const safe = path.split('/').map(encodeURIComponent).join('/');
  return `${urlOf('/api/v1/releases/{release_id}', { release_id: id })}/files/${safe}`;
}

/** All files as one, which goes on where a download broke off. */
export function archiveUrl(id: number, kind: 'tar' | 'zip'): string {
  return urlOf(`/api/v1/releases/{release_id}/archive.${kind}`, { release_id: id });
}

/** The release's last job as the live events have it. */
export function useReleaseJob(release: { job: Job | null }): Job | null {
  const { job } = release;
  const { data } = useQuery({ ...jobQuery(job?.id ?? 0), enabled: job !== null });
  return data ?? job;
}

export function useCreateDataset() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['DatasetCreate']) => answer(http.POST('/api/v1/datasets', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.datasets }),
  });
}

export function useCreateRelease() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['ReleaseCreate']) => answer(http.POST('/api/v1/releases', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.releases }),
  });
}

/** A change that is answered with the release as it is afterwards. */
function useChange<Asked>(id: number, change: (asked: Asked) => Promise<Release>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (release) => {
      client.setQueryData(keys.release(id), release);
      return client.invalidateQueries({ queryKey: keys.releases });
    },
  });
}

export const useSaveRelease = (id: number) =>
  useChange(id, (body: ReleaseEdit) =>
    answer(http.PATCH('/api/v1/releases/{release_id}', { params: of(id), body })),
  );

export const usePropose = (id: number) =>
  useChange(id, (seed: number) =>
    answer(
      http.POST('/api/v1/releases/{release_id}/splits/proposal', {
        params: of(id),
        body: { seed },
      }),
    ),
  );

export const useGiveDoi = (id: number) =>
  useChange(id, (doi: string) =>
    answer(http.PUT('/api/v1/releases/{release_id}/doi', { params: of(id), body: { doi } })),
  );

interface Assignment {
  infants: readonly number[];
  split: string | null;
}

/** Puts infants into a split. The table shows it at once, and goes back where it is refused. */
export function useAssign(id: number) {
  const client = useQueryClient();
  const effects = keys.releaseEffects(id);
  return useMutation({
    scope: inTurn(id),
    mutationFn: ({ infants, split }: Assignment) =>
      answer(
        http.PUT('/api/v1/releases/{release_id}/splits', {
          params: of(id),
          body: { splits: Object.fromEntries(infants.map((infant) => [infant, split])) },
        }),
      ),
    onMutate: async ({ infants, split }) => {
      await client.cancelQueries({ queryKey: effects });
      const moved = new Set(infants);
      client.setQueriesData<ReleaseEffect>({ queryKey: effects }, (effect) =>
        effect
          ? {
              ...effect,
              table: effect.table.map((row) => (moved.has(row.id) ? { ...row, split } : row)),
            }
          : effect,
      );
    },
    onSuccess: (release) => client.setQueryData(keys.release(id), release),
    onSettled: () => client.invalidateQueries({ queryKey: keys.releases }),
  });
}

/** What was chosen in a row is saved before a job begins that refuses further choices. */
const inTurn = (id: number) => ({ id: `release ${id}` });

/** Begins a job of the release: a check, or its publication. */
export function useBegin(id: number, what: 'check' | 'publication') {
  const client = useQueryClient();
  return useMutation({
    scope: inTurn(id),
    mutationFn: () =>
      what === 'check'
        ? answer(http.POST('/api/v1/releases/{release_id}/check', { params: of(id) }))
        : answer(http.POST('/api/v1/releases/{release_id}/publication', { params: of(id) })),
    onSuccess: (job) => {
      client.setQueryData(keys.job(job.id), job);
      return Promise.all([
        client.invalidateQueries({ queryKey: keys.releases }),
        client.invalidateQueries({ queryKey: keys.jobs }),
      ]);
    },
  });
}

export function useDeleteRelease(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answer(http.DELETE('/api/v1/releases/{release_id}', { params: of(id) })),
    onSuccess: () => {
      client.removeQueries({ queryKey: keys.release(id) });
      return client.invalidateQueries({ queryKey: keys.releases, exact: true });
    },
  });
}
