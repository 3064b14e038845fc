import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { type BodyMesh, parseModel } from '@/features/fits/bodies/model';
import type {
  Fit,
  FitDefaults,
  FitRejection,
  FitRequest,
  FitStatus,
  FitsOfRecording,
  ScansOfRecording,
  ScansWish,
} from '@/features/fits/bodies/types';
import { answer, http, urlOf } from '@/shared/api/client';
import type { FitsFile } from '@/shared/api/fitFiles';
import { keys } from '@/shared/api/keys';

const of = (recordingId: number) => ({ path: { recording_id: recordingId } });

/** Names of what is cached of body fits; those of a recording follow when it is invalidated. */
export const fitKeys = {
  fits: (recordingId: number) => [...keys.recording(recordingId), 'fits'] as const,
  scans: (recordingId: number) => [...keys.recording(recordingId), 'scans'] as const,
  joints: (recordingId: number, momentId: number) =>
    [...keys.moments(recordingId), momentId, 'joints'] as const,
};

export const fitsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: fitKeys.fits(recordingId),
    queryFn: ({ signal }): Promise<FitsOfRecording> =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/fits', { params: of(recordingId), signal }),
      ),
  });

export const scansQuery = (recordingId: number) =>
  queryOptions({
    queryKey: fitKeys.scans(recordingId),
    queryFn: ({ signal }): Promise<ScansOfRecording> =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/scans', { params: of(recordingId), signal }),
      ),
  });

export const fitDefaultsQuery = queryOptions({
  queryKey: ['fit-defaults'],
  queryFn: ({ signal }): Promise<FitDefaults> =>
    answer(http.GET('/api/v1/fit-defaults', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** What people placed in the frames of one moment. */
export const momentJointsQuery = (recordingId: number, momentId: number) =>
  queryOptions({
    queryKey: fitKeys.joints(recordingId, momentId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/moments/{moment_id}/joints', {
          params: { path: { recording_id: recordingId, moment_id: momentId } },
          signal,
        }),
      ),
    staleTime: 60_000,
  });

/** One calibration never changes, except for whether it is in use. */
export const calibrationQuery = (id: number) =>
  queryOptions({
    queryKey: ['calibrations', id],
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/calibrations/{calibration_id}', {
          params: { path: { calibration_id: id } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The body of a fit at rest, shaped and refined: the same for all fits of a run. */
export const fitModelQuery = (fit: Fit | undefined) =>
  queryOptions({
    queryKey: ['fit-model', fit?.run_id, fit?.has_surface],
    queryFn: async ({ signal }): Promise<BodyMesh> => {
      const request = http.GET('/api/v1/fits/{fit_id}/model.bin', {
        params: { path: { fit_id: fit?.id ?? 0 } },
        parseAs: 'arrayBuffer',
        signal,
      });
      return parseModel(await answer(request));
    },
    enabled: fit !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * 60_000,
    retry: 1,
  });

export function fitMeshUrl(fitId: number, format: 'obj' | 'glb'): string {
  return urlOf('/api/v1/fits/{fit_id}/mesh.{kind}', { fit_id: fitId, kind: format });
}

export function useRequestFits(recordingId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: FitRequest) =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/fits', {
          params: of(recordingId),
          body: { only_stale: false, replace_verified: false, ...body },
        }),
      ),
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
    mutationFn: (wanted: {
      recordingIds: number[];
      includeUnverified: boolean;
      format: FitsFile;
    }) =>
      answer(
        http.POST('/api/v1/exports/fits', {
          body: {
            recording_ids: wanted.recordingIds,
            include_unverified: wanted.includeUnverified,
            format: wanted.format,
          },
        }),
      ),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.exports }),
        client.invalidateQueries({ queryKey: keys.jobs }),
      ]),
  });
}

/** Scans that came or went make fits stale. */
function useScansChanged(recordingId: number) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: fitKeys.scans(recordingId) }),
      client.invalidateQueries({ queryKey: fitKeys.fits(recordingId) }),
    ]);
}

export function useAddScans(recordingId: number) {
  const changed = useScansChanged(recordingId);
  return useMutation({
    mutationFn: (body: ScansWish) =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/scans', { params: of(recordingId), body }),
      ),
    onSuccess: changed,
  });
}

export function useRemoveScans(recordingId: number) {
  const changed = useScansChanged(recordingId);
  return useMutation({
    mutationFn: (cameraId: number) =>
      answer(
        http.DELETE('/api/v1/recordings/{recording_id}/scans', {
          params: { ...of(recordingId), query: { camera_id: cameraId } },
        }),
      ),
    onSuccess: changed,
  });
}
