import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { type BodyMesh, parseModel } from '@/features/fits/bodies/model';
import type {
  Calibration,
  Fit,
  FitDefaults,
  FitRejection,
  FitRequest,
  FitStatus,
  FitsOfRecording,
  MomentJoints,
  MomentsOfRecording,
} from '@/features/fits/bodies/types';
import { API_BASE, ApiProblem, answer, api, apiUrl, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { Export, Job } from '@/shared/api/types';

const of = (recordingId: number) => ({ path: { recording_id: recordingId } });

/** Names of what is cached of body fits; those of a recording follow when it is invalidated. */
export const fitKeys = {
  fits: (recordingId: number) => [...keys.recording(recordingId), 'fits'] as const,
  moments: (recordingId: number) => [...keys.recording(recordingId), 'moments'] as const,
  calibrations: (recordingId: number) => [...keys.recording(recordingId), 'calibrations'] as const,
  joints: (recordingId: number, momentId: number) =>
    [...keys.recording(recordingId), 'moments', momentId, 'joints'] as const,
};

export const fitsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: fitKeys.fits(recordingId),
    queryFn: ({ signal }): Promise<FitsOfRecording> =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/fits', { params: of(recordingId), signal }),
      ),
  });

export const fitDefaultsQuery = queryOptions({
  queryKey: ['fit-defaults'],
  queryFn: ({ signal }): Promise<FitDefaults> =>
    answer(http.GET('/api/v1/fit-defaults', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const fitMomentsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: fitKeys.moments(recordingId),
    queryFn: ({ signal }) =>
      api.get<MomentsOfRecording>(`/recordings/${recordingId}/moments`, { signal }),
  });

/** What people placed in the frames of one moment. */
export const momentJointsQuery = (recordingId: number, momentId: number) =>
  queryOptions({
    queryKey: fitKeys.joints(recordingId, momentId),
    queryFn: ({ signal }) =>
      api.get<MomentJoints>(`/recordings/${recordingId}/moments/${momentId}/joints`, { signal }),
    staleTime: 60_000,
  });

export const calibrationsOfQuery = (recordingId: number) =>
  queryOptions({
    queryKey: fitKeys.calibrations(recordingId),
    queryFn: ({ signal }) =>
      api.get<Calibration[]>(`/recordings/${recordingId}/calibrations`, { signal }),
  });

/** One calibration never changes, except for whether it is in use. */
export const calibrationQuery = (id: number) =>
  queryOptions({
    queryKey: ['calibrations', id],
    queryFn: ({ signal }) => api.get<Calibration>(`/calibrations/${id}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The body of a fit at rest, shaped and refined: the same for all fits of a run. */
export const fitModelQuery = (fit: Fit | undefined) =>
  queryOptions({
    queryKey: ['fit-model', fit?.run_id, fit?.has_surface],
    queryFn: async ({ signal }): Promise<BodyMesh> => {
      const url = apiUrl(`/fits/${fit?.id}/model.bin`);
      const response = await fetch(url, { credentials: 'same-origin', signal });
      if (!response.ok) throw await ApiProblem.from(response);
      return parseModel(await response.arrayBuffer());
    },
    enabled: fit !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * 60_000,
    retry: 1,
  });

export function fitMeshUrl(fitId: number, format: 'obj' | 'glb'): string {
  return `${API_BASE}/fits/${fitId}/mesh.${format}`;
}

export function useRequestFits(recordingId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: FitRequest): Promise<Job> =>
      api.post(`/recordings/${recordingId}/fits`, body),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.recording(recordingId), exact: true }),
        client.invalidateQueries({ queryKey: keys.jobs }),
      ]),
  });
}

export interface Judgement {
  fits: readonly Fit[];
  status: FitStatus;
  reason?: FitRejection;
  text?: string;
}

export function useJudgeFits(recordingId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ fits, status, reason, text }: Judgement) =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/fits/verdicts', {
          params: of(recordingId),
          body: {
            fits: fits.map(({ id, version }) => ({ id, version })),
            status,
            reason: reason ?? null,
            text: text ?? null,
          },
        }),
      ),
    onSuccess: ({ fits }) => {
      const changed = new Map(fits.map((fit) => [fit.id, fit]));
      client.setQueryData<FitsOfRecording>(fitKeys.fits(recordingId), (data) =>
        data ? { ...data, fits: data.fits.map((f) => changed.get(f.id) ?? f) } : data,
      );
    },
    // Also after a refusal: somebody else may have judged meanwhile.
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: fitKeys.fits(recordingId) }),
        client.invalidateQueries({ queryKey: keys.recording(recordingId), exact: true }),
      ]),
  });
}

export function useExportFits() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: { recordingIds: number[]; includeUnverified: boolean }) =>
      api.post<{ export: Export; job: Job }>('/exports/fits', {
        recording_ids: wanted.recordingIds,
        include_unverified: wanted.includeUnverified,
      }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.exports }),
        client.invalidateQueries({ queryKey: keys.jobs }),
      ]),
  });
}
