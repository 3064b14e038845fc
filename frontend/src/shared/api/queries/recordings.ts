import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import type { Event, Stage } from '@/shared/domain/rules.gen';
import { answer, http } from '../client';
import { framesByParts } from '../filmstrip';
import { keys } from '../keys';
import type {
  Consent,
  FrameItem,
  ImportRequest,
  InspectionRequest,
  RecordingDetail,
  Source,
} from '../types';

export interface RecordingFilter {
  stage?: Stage;
  mine?: 'annotate' | 'inspect' | 'any';
  q?: string;
}

const PAGE_SIZE = 50;
const LOOK_AGAIN_MS = 700;
const of = (recordingId: number) => ({ path: { recording_id: recordingId } });

export const recordingsQuery = ({ stage, ...filter }: RecordingFilter) =>
  infiniteQueryOptions({
    queryKey: keys.recordingList({ stage, ...filter }),
    queryFn: ({ pageParam, signal }) =>
      answer(
        http.GET('/api/v1/recordings', {
          params: {
            query: { ...filter, stage: stage && [stage], cursor: pageParam, limit: PAGE_SIZE },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export const recordingQuery = (id: number) =>
  queryOptions({
    queryKey: keys.recording(id),
    queryFn: ({ signal }): Promise<RecordingDetail> =>
      answer(http.GET('/api/v1/recordings/{recording_id}', { params: of(id), signal })),
  });

/** All frames of a recording in order of position. */
export const framesQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.frames(recordingId),
    queryFn: async ({ signal }): Promise<FrameItem[]> => {
      const frames: FrameItem[] = [];
      for await (const part of framesByParts(recordingId, signal)) frames.push(...part.frames);
      return frames;
    },
  });

export const activityQuery = (recordingId: number) =>
  infiniteQueryOptions({
    queryKey: keys.recordingActivity(recordingId),
    queryFn: ({ pageParam, signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/activity', {
          params: { ...of(recordingId), query: { cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

export const recordingCommentsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.recordingComments(recordingId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/comments', { params: of(recordingId), signal }),
      ),
  });

export const workQuery = queryOptions({
  queryKey: keys.work,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/work', { signal })),
});

/** What follows every change of a recording: the detail is known, lists are asked again. */
function useRecordingChanged() {
  const client = useQueryClient();
  return (detail: RecordingDetail) => {
    client.setQueryData(keys.recording(detail.id), detail);
    return Promise.all([
      client.invalidateQueries({ queryKey: keys.recordings }),
      client.invalidateQueries({ queryKey: keys.work }),
      client.invalidateQueries({ queryKey: keys.jobs }),
    ]);
  };
}

export interface FireEvent {
  event: Event;
  note?: string;
  model?: string;
  /** With `box`: people draw the boxes, no model runs. */
  by_hand?: boolean;
}

export function useFireEvent(recordingId: number) {
  const changed = useRecordingChanged();
  return useMutation({
    mutationFn: ({ by_hand = false, ...event }: FireEvent): Promise<RecordingDetail> =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/events', {
          params: of(recordingId),
          body: { ...event, by_hand },
        }),
      ),
    onSuccess: changed,
  });
}

export function useAssign(recordingId: number) {
  const changed = useRecordingChanged();
  return useMutation({
    mutationFn: (body: {
      annotator_id?: number | null;
      inspector_id?: number | null;
    }): Promise<RecordingDetail> =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/assign', { params: of(recordingId), body }),
      ),
    onSuccess: changed,
  });
}

export interface RecordingFacts {
  name?: string;
  notes?: string | null;
  age_months?: number | null;
  consent?: Consent;
  source?: Source;
}

export function useChangeRecording(recordingId: number) {
  const changed = useRecordingChanged();
  return useMutation({
    mutationFn: (body: RecordingFacts): Promise<RecordingDetail> =>
      answer(http.PATCH('/api/v1/recordings/{recording_id}', { params: of(recordingId), body })),
    onSuccess: changed,
  });
}

/** What undoing an import takes away, and what prevents it. */
export const undoQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.recordingUndo(recordingId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/undo', { params: of(recordingId), signal }),
      ),
    staleTime: 0,
  });

export function useUndoImport(recordingId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(http.POST('/api/v1/recordings/{recording_id}/undo', { params: of(recordingId) })),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.recordings }),
        client.invalidateQueries({ queryKey: keys.work }),
        client.invalidateQueries({ queryKey: keys.jobs }),
      ]),
  });
}

/** What an import would make of its files; asks again while a job is looking at them. */
export const inspectionQuery = (request: InspectionRequest) =>
  queryOptions({
    queryKey: keys.inspection(request),
    queryFn: ({ signal }) =>
      answer(http.POST('/api/v1/recordings/import/inspect', { body: request, signal })),
    enabled: request.files.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
    refetchInterval: ({ state: { data } }) =>
      data?.job && (data.job.state === 'queued' || data.job.state === 'running')
        ? LOOK_AGAIN_MS
        : false,
  });

export function useImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ImportRequest) => answer(http.POST('/api/v1/recordings/import', { body })),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.recordings }),
        client.invalidateQueries({ queryKey: keys.jobs }),
      ]),
  });
}
