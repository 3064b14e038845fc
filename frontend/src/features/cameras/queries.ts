import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http, urlOf } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { components } from '@/shared/api/schema.gen';
import type { Calibration } from '@/shared/api/types';

type Schemas = components['schemas'];

export type Phase = Schemas['CalibrationPhase'];
export type Lens = Schemas['Lens'];
export type Board = Schemas['BoardIn'];
/** Pixels count from the outer corner of the first one; the pose takes world points (m) in. */
export type CalibratedCamera = Schemas['CalibratedCameraOut'];
/** Without pixels it looks elsewhere altogether. */
export type CameraDrift = Schemas['CameraDriftOut'];
export type Drift = Schemas['DriftOut'];

export type Match = Schemas['ExtrinsicsIn']['match'];
export type LensFreedom = Schemas['JointsIn']['lenses'];
export type LengthUnit = Schemas['CameraFileIn']['units'];
export type Vec3 = [number, number, number];

export interface DroppedView {
  file: string;
  reason: string;
  rms_px?: number | null;
  image_key?: string | null;
}

export interface UsedView {
  file: string;
  rms_px: number | null;
  corners: number;
  image_key?: string | null;
}

export interface LensReport {
  rms_px: number | null;
  used: number;
  dropped: DroppedView[];
  views: UsedView[];
  coverage_key?: string | null;
  coverage_share?: number | null;
  focal_px?: number | null;
  notes?: string[];
  /** What the pictures do not show yet. */
  missing?: string[];
  focal_sd_px?: number | null;
}

/** How well a known point agrees with what the cameras saw of it. */
interface PointCheck {
  name: string | null;
  xyz?: Vec3;
  /** Pixels by camera id. */
  errors: Record<string, number | null>;
  /** Between where it was said to be and where the cameras see it. */
  apart_mm?: number | null;
}

interface PlaceReport {
  rms_px: number | null;
  moments_used?: number;
  dropped?: DroppedView[];
  pairs?: { a: number; b: number; shared: number }[];
  flips_resolved?: number;
  points?: PointCheck[];
  matched_by?: string;
  missing?: string[];
}

export interface CameraMovement {
  camera_id: number;
  last_before_s: number;
  first_after_s: number;
  turned_deg: number;
  shift_px: number;
}

/** What adjusting to the joints found; the errors are medians on moments that took no part. */
export interface JointsReport {
  marks: number;
  sd_px: number;
  left_out_before_px: number;
  left_out_after_px: number;
  turned_deg: Record<string, number>;
  movements: CameraMovement[];
}

/** How the version was made; the worker writes it. */
interface CalibrationReport {
  board?: Board;
  cameras?: Record<string, LensReport>;
  extrinsics?: PlaceReport;
  joints?: JointsReport;
  warnings?: string[];
}

export const reportOf = (version: Calibration): CalibrationReport =>
  version.report as CalibrationReport;

export type ScenePoint = Schemas['ScenePointIn'];

/** What a new version is made from. */
export type CalibrationRequest =
  | Schemas['IntrinsicsIn']
  | Schemas['ExtrinsicsIn']
  | Schemas['PointsIn']
  | Schemas['CameraFileIn']
  | Schemas['JointsIn'];

const of = (recordingId: number) => ({ path: { recording_id: recordingId } });

export const driftQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.calibrationDrift(recordingId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/calibration-drift', {
          params: of(recordingId),
          signal,
        }),
      ),
  });

export const calibrationImageUrl = (id: number, key: string): string =>
  urlOf('/api/v1/calibrations/{calibration_id}/images/{key}', { calibration_id: id, key });

export const calibrationFileUrl = (id: number): string =>
  urlOf('/api/v1/calibrations/{calibration_id}/cameras.toml', { calibration_id: id });

export function useCalibrate(recordingId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: CalibrationRequest) =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/calibrations', {
          params: of(recordingId),
          body,
        }),
      ),
    onSuccess: (job) => {
      client.setQueryData(keys.job(job.id), job);
      // Not waited for: the form follows the job at once.
      void client.invalidateQueries({ queryKey: keys.recordings });
      void client.invalidateQueries({ queryKey: keys.jobs, refetchType: 'none' });
    },
  });
}

export function useChooseCalibration(recordingId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number | null) =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/calibration', {
          params: of(recordingId),
          body: { calibration_id: id },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.recordings }),
  });
}

export function useDeleteCalibration() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) =>
      answer(
        http.DELETE('/api/v1/calibrations/{calibration_id}', {
          params: { path: { calibration_id: id } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.recordings }),
  });
}
