import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';
import type { BulkAssignment, TeamRules } from '../types';

const REFRESH_MS = 60_000;

/** What stands where, who has what, what is stuck; for maintainers. */
export const labQuery = queryOptions({
  queryKey: keys.lab,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/lab', { signal })),
  refetchInterval: REFRESH_MS,
});

export const queueQuery = queryOptions({
  queryKey: keys.workQueue,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/work/queue', { signal })),
  refetchInterval: REFRESH_MS,
});

export const teamRulesQuery = queryOptions({
  queryKey: keys.teamRules,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/team/rules', { signal })),
});

export const readParts = (recordingId: number, signal?: AbortSignal) =>
  answer(
    http.GET('/api/v1/recordings/{recording_id}/parts', {
      params: { path: { recording_id: recordingId } },
      signal,
    }),
  );

export const partsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.recordingParts(recordingId),
    queryFn: ({ signal }) => readParts(recordingId, signal),
  });

function useWorkChanged() {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keys.work }),
      client.invalidateQueries({ queryKey: keys.recordings }),
    ]);
}

export function useTakeNext() {
  const changed = useWorkChanged();
  return useMutation({
    mutationFn: () => answer(http.POST('/api/v1/work/next')),
    onSettled: changed,
  });
}

export function useAssignMany() {
  const changed = useWorkChanged();
  return useMutation({
    mutationFn: (body: Partial<BulkAssignment> & { recording_ids: number[] }) =>
      answer(http.POST('/api/v1/team/assign', { body: body as BulkAssignment })),
    onSettled: changed,
  });
}

export function useChangeTeamRules() {
  const client = useQueryClient();
  const changed = useWorkChanged();
  return useMutation({
    mutationFn: (body: TeamRules) => answer(http.PUT('/api/v1/team/rules', { body })),
    onSuccess: (rules) => {
      client.setQueryData(keys.teamRules, rules);
      return changed();
    },
  });
}

export function useCut(recordingId: number) {
  const changed = useWorkChanged();
  return useMutation({
    mutationFn: (people: number[]) =>
      answer(
        http.PUT('/api/v1/recordings/{recording_id}/parts', {
          params: { path: { recording_id: recordingId } },
          body: { people, parts: [] },
        }),
      ),
    onSettled: changed,
  });
}

export function useJoinParts(recordingId: number) {
  const changed = useWorkChanged();
  return useMutation({
    mutationFn: () =>
      answer(
        http.DELETE('/api/v1/recordings/{recording_id}/parts', {
          params: { path: { recording_id: recordingId } },
        }),
      ),
    onSettled: changed,
  });
}

export function useReassignPart() {
  const changed = useWorkChanged();
  return useMutation({
    mutationFn: ({ partId, userId }: { partId: number; userId: number }) =>
      answer(
        http.POST('/api/v1/parts/{part_id}/assign', {
          params: { path: { part_id: partId } },
          body: { user_id: userId },
        }),
      ),
    onSettled: changed,
  });
}

export function useSubmitPart() {
  const changed = useWorkChanged();
  return useMutation({
    mutationFn: (partId: number) =>
      answer(
        http.POST('/api/v1/parts/{part_id}/submit', { params: { path: { part_id: partId } } }),
      ),
    onSettled: changed,
  });
}
