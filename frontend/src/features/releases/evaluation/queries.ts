import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { jobQuery } from '@/shared/api/queries/jobs';
import type { components } from '@/shared/api/schema.gen';
import type { Job } from '@/shared/api/types';
import type { EvaluationSearch } from './search';

type Schemas = components['schemas'];
export type Board = Schemas['LeaderboardOut'];
export type Baseline = Schemas['BaselineOut'];
export type Entry = Schemas['EvaluationItem'];
export type Evaluation = Schemas['EvaluationOut'];
export type BoardFrame = Schemas['BoardFrame'];
export type Measure = Schemas['MeasureOut'];
export type Measures = Readonly<Record<string, Measure>>;
export type Part = Schemas['PartOut'];
export type Kind = Schemas['PredictedKind'];
export type Setting = Schemas['ModelSetting'];
export type ErrorName = NonNullable<NonNullable<BoardFrame['kinds']>[number]>;

const PAGE = 24;
const of = (id: number) => ({ path: { evaluation_id: id } });

export const leaderboardQuery = (releaseId: number) =>
  queryOptions({
    queryKey: keys.leaderboard(releaseId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/releases/{release_id}/evaluations', {
          params: { path: { release_id: releaseId } },
          signal,
        }),
      ),
  });

/** What was found never changes. */
export const evaluationQuery = (id: number) =>
  queryOptions({
    queryKey: keys.evaluation(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/evaluations/{evaluation_id}', { params: of(id), signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Frames with truth and prediction, some at a time. */
export const worstFramesQuery = (
  id: number,
  { frame: _open, tab: _tab, sort, ...asked }: EvaluationSearch,
) =>
  infiniteQueryOptions({
    queryKey: keys.evaluationFrames(id, { ...asked, sort }),
    queryFn: ({ pageParam, signal }) =>
      answer(
        http.GET('/api/v1/evaluations/{evaluation_id}/frames', {
          params: {
            ...of(id),
            query: { ...asked, sort: sort ?? 'worst', limit: PAGE, after: pageParam },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next_after ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

export const boardFrameQuery = (id: number, frameId: number) =>
  queryOptions({
    queryKey: keys.evaluationFrame(id, frameId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/evaluations/{evaluation_id}/frames/{frame_id}', {
          params: { path: { evaluation_id: id, frame_id: frameId } },
          signal,
        }),
      ),
  });

/** A job as the live events have it. */
export function useLiveJob(job: Job | null): Job | null {
  const { data } = useQuery({ ...jobQuery(job?.id ?? 0), enabled: job !== null });
  return data ?? job;
}

export function useEvaluate(releaseId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['EvaluationIn']) =>
      answer(
        http.POST('/api/v1/releases/{release_id}/evaluations', {
          params: { path: { release_id: releaseId } },
          body,
        }),
      ),
    onSuccess: ({ job }) => {
      client.setQueryData(keys.job(job.id), job);
      return Promise.all([
        client.invalidateQueries({ queryKey: keys.leaderboard(releaseId) }),
        client.invalidateQueries({ queryKey: keys.jobs }),
      ]);
    },
  });
}

export function useDeleteEvaluation(releaseId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) =>
      answer(http.DELETE('/api/v1/evaluations/{evaluation_id}', { params: of(id) })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.leaderboard(releaseId) }),
  });
}

/** Says something of a released label, for the next version. */
export function useReportLabel(frame: BoardFrame) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['CommentIn']) =>
      answer(
        http.POST('/api/v1/frames/{frame_id}/comments', {
          params: { path: { frame_id: frame.frame_id } },
          body,
        }),
      ),
    onSuccess: () =>
      client.invalidateQueries({ queryKey: keys.recordingComments(frame.recording_id) }),
  });
}
