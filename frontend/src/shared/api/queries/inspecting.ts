/** What inspectors compare, and how their word stands. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';
import type { InspectionRule } from '../types';

const of = (recordingId: number) => ({ path: { recording_id: recordingId } });

/** For how many frames somebody vouches, and every sample that was drawn. */
export const vouchingQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.vouching(recordingId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/vouching', { params: of(recordingId), signal }),
      ),
  });

export const inspectionFactsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.inspectionFacts(recordingId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/inspection', {
          params: of(recordingId),
          signal,
        }),
      ),
  });

/** A frame as the annotator has it, against the model and the round before. */
export const comparisonQuery = (frameId: number) =>
  queryOptions({
    queryKey: keys.comparison(frameId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/frames/{frame_id}/comparison', {
          params: { path: { frame_id: frameId } },
          signal,
        }),
      ),
    staleTime: 15_000,
  });

export const roundsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.rounds(recordingId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/rounds', { params: of(recordingId), signal }),
      ),
  });

export const roundChangesQuery = (recordingId: number, since: number, until: number) =>
  queryOptions({
    queryKey: keys.roundChanges(recordingId, since, until),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/changes', {
          params: { ...of(recordingId), query: { since, until } },
          signal,
        }),
      ),
  });

export const inspectionRuleQuery = queryOptions({
  queryKey: keys.inspectionRule,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/inspection/rule', { signal })),
});

export function useSetInspectionRule() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: InspectionRule) => answer(http.PUT('/api/v1/inspection/rule', { body })),
    onSuccess: (rule) => client.setQueryData(keys.inspectionRule, rule),
  });
}

/** Open threads in which one is mentioned. */
export const mentionsQuery = queryOptions({
  queryKey: keys.mentions,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/comments/mentions', { signal })),
});

/** Everything that a word of the inspector changes. */
function useVouchingChanged(recordingId: number) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keys.vouching(recordingId) }),
      client.invalidateQueries({ queryKey: keys.inspectionFacts(recordingId) }),
      client.invalidateQueries({ queryKey: keys.frames(recordingId) }),
    ]);
}

export function useDrawSample(recordingId: number) {
  const changed = useVouchingChanged(recordingId);
  return useMutation({
    mutationFn: (body: { operation_id: string; seed?: number; size?: number }) =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/samples', { params: of(recordingId), body }),
      ),
    onSuccess: changed,
  });
}

export function useVouch(recordingId: number) {
  const changed = useVouchingChanged(recordingId);
  return useMutation({
    mutationFn: (sampleId: number) =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/samples/{sample_id}/vouch', {
          params: { path: { recording_id: recordingId, sample_id: sampleId } },
        }),
      ),
    onSuccess: changed,
  });
}

/** Mark good whatever one looked at and did not mark. */
export function useMarkSeenGood(recordingId: number) {
  const changed = useVouchingChanged(recordingId);
  return useMutation({
    mutationFn: () =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/marks', {
          params: of(recordingId),
          body: { mark: 'good', only_unmarked: true },
        }),
      ),
    onSuccess: changed,
  });
}
