import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { Adjudication, QualityRules } from '@/shared/api/types';
import type { Against } from './search';

/** What gold frames are for. */
export type Use = 'check' | 'training';

export const rulesQuery = queryOptions({
  queryKey: keys.qualityRules,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/quality/rules', { signal })),
});

export const goldQuery = queryOptions({
  queryKey: keys.gold,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/quality/gold', { signal })),
});

export const peopleQuery = queryOptions({
  queryKey: keys.qualityPeople,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/quality/people', { signal })),
});

export const prelabelsQuery = queryOptions({
  queryKey: keys.prelabels,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/quality/prelabels', { signal })),
});

export const agreementQuery = (against: Against) =>
  queryOptions({
    queryKey: keys.agreement({ against }),
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/quality/agreement', { params: { query: { against } }, signal })),
  });

export const pairsQuery = (onlyOpen: boolean) =>
  queryOptions({
    queryKey: keys.pairs({ onlyOpen }),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/quality/pairs', {
          params: { query: { only_open: onlyOpen } },
          signal,
        }),
      ),
  });

export const pairQuery = (id: number) =>
  queryOptions({
    queryKey: keys.pair(id),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/quality/pairs/{attempt_id}', {
          params: { path: { attempt_id: id } },
          signal,
        }),
      ),
  });

function useChanged() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.quality });
}

export function useChangeRules() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (body: QualityRules) => answer(http.PUT('/api/v1/quality/rules', { body })),
    onSuccess: changed,
  });
}

export function useMarkGold() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (body: { recording_id: number; draw: number; use: Use; seed: number }) =>
      answer(http.POST('/api/v1/quality/gold', { body: { frame_ids: [], ...body } })),
    onSettled: changed,
  });
}

export function useTakeGoldBack() {
  const changed = useChanged();
  return useMutation({
    mutationFn: ({ recordingId, use }: { recordingId: number; use: Use }) =>
      answer(
        http.DELETE('/api/v1/quality/gold/{recording_id}/{use}', {
          params: { path: { recording_id: recordingId, use } },
        }),
      ),
    onSettled: changed,
  });
}

export function useSetTraining() {
  const changed = useChanged();
  return useMutation({
    mutationFn: ({ personId, passed }: { personId: number; passed: boolean }) =>
      answer(
        http.PUT('/api/v1/quality/people/{person_id}/training', {
          params: { path: { person_id: personId } },
          body: { passed },
        }),
      ),
    onSettled: changed,
  });
}

export function useAdjudicate(id: number) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (body: Adjudication) =>
      answer(
        http.POST('/api/v1/quality/pairs/{attempt_id}/adjudication', {
          params: { path: { attempt_id: id } },
          body,
        }),
      ),
    onSettled: changed,
  });
}
