import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import type { Event, Stage } from '@/domain.gen';
import { api } from '../client';
import { keys } from '../keys';
import type {
  AuditEntry,
  Comment,
  FrameItem,
  ImportRequest,
  Job,
  Page,
  RecordingDetail,
  RecordingSummary,
  Work,
} from '../types';

export interface RecordingFilter {
  stage?: Stage;
  mine?: 'annotate' | 'inspect' | 'any';
  q?: string;
}

const PAGE_SIZE = 50;

export const recordingsQuery = (filter: RecordingFilter) =>
  infiniteQueryOptions({
    queryKey: keys.recordingList(filter),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<RecordingSummary>>('/recordings', {
        query: { ...filter, cursor: pageParam, limit: PAGE_SIZE },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

export const recordingQuery = (id: number) =>
  queryOptions({
    queryKey: keys.recording(id),
    queryFn: ({ signal }) => api.get<RecordingDetail>(`/recordings/${id}`, { signal }),
  });

/** All frames of a recording in order of position. */
export const framesQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.frames(recordingId),
    queryFn: async ({ signal }) =>
      (await api.get<{ frames: FrameItem[] }>(`/recordings/${recordingId}/frames`, { signal }))
        .frames,
  });

export const activityQuery = (recordingId: number) =>
  infiniteQueryOptions({
    queryKey: keys.recordingActivity(recordingId),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<AuditEntry>>(`/recordings/${recordingId}/activity`, {
        query: { cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

export const recordingCommentsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.recordingComments(recordingId),
    queryFn: ({ signal }) => api.get<Comment[]>(`/recordings/${recordingId}/comments`, { signal }),
  });

export const workQuery = queryOptions({
  queryKey: keys.work,
  queryFn: ({ signal }) => api.get<Work>('/work', { signal }),
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
}

export function useFireEvent(recordingId: number) {
  const changed = useRecordingChanged();
  return useMutation({
    mutationFn: (body: FireEvent) =>
      api.post<RecordingDetail>(`/recordings/${recordingId}/events`, body),
    onSuccess: changed,
  });
}

export function useAssign(recordingId: number) {
  const changed = useRecordingChanged();
  return useMutation({
    mutationFn: (body: { annotator_id?: number | null; inspector_id?: number | null }) =>
      api.post<RecordingDetail>(`/recordings/${recordingId}/assign`, body),
    onSuccess: changed,
  });
}

export interface RecordingFacts {
  name?: string;
  notes?: string | null;
  age_months?: number | null;
  consent?: string;
  source?: string;
}

export function useChangeRecording(recordingId: number) {
  const changed = useRecordingChanged();
  return useMutation({
    mutationFn: (facts: RecordingFacts) =>
      api.patch<RecordingDetail>(`/recordings/${recordingId}`, facts),
    onSuccess: changed,
  });
}

export function useDeleteRecording(recordingId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.delete(`/recordings/${recordingId}`),
    onSuccess: () => {
      client.removeQueries({ queryKey: keys.recording(recordingId) });
      return Promise.all([
        client.invalidateQueries({ queryKey: keys.recordings }),
        client.invalidateQueries({ queryKey: keys.work }),
      ]);
    },
  });
}

export function useImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: ImportRequest) =>
      api.post<{ recording: RecordingSummary; job: Job }>('/recordings/import', request),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.recordings }),
        client.invalidateQueries({ queryKey: keys.jobs }),
      ]),
  });
}
