import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { API_BASE, api } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { components } from '@/shared/api/schema.gen';
import type { Job, RecordingDetail } from '@/shared/api/types';

type Schemas = components['schemas'];

export type Phase = Schemas['CalibrationPhase'];
export type Lens = Schemas['Lens'];
export type Board = Schemas['BoardIn'];
/** Pixels count from the outer corner of the first one; the pose takes world points (m) in. */
export type CalibratedCamera = Schemas['CalibratedCameraOut'];
/** Without pixels it looks elsewhere altogether. */
export type CameraDrift = Schemas['CameraDriftOut'];
export type Drift = Schemas['DriftOut'];
export type Calibration = Omit<Schemas['CalibrationOut'], 'report'> & {
  report: CalibrationReport;
};

export type LengthUnit = 'auto' | 'm' | 'cm' | 'mm';
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
}

interface CalibrationReport {
  board?: Board;
  cameras?: Record<string, LensReport>;
  extrinsics?: PlaceReport;
  warnings?: string[];
}

type Uploads = Record<string, number[]>;

export interface ScenePoint {
  name?: string;
  xyz: Vec3;
  seen: Record<string, [number, number]>;
}

/** What a new version is made from. */
export type CalibrationRequest =
  | {
      step: 'intrinsics';
      phase: Phase;
      board: Board;
      lens: Lens;
      images: Uploads;
      based_on?: number | null;
      note?: string;
    }
  | {
      step: 'extrinsics';
      phase: Phase;
      based_on: number;
      board: Board;
      images: Uploads;
      board_on_floor: boolean;
      note?: string;
    }
  | { step: 'points'; phase: Phase; based_on: number; points: ScenePoint[]; note?: string }
  | {
      step: 'import';
      phase: Phase;
      format: 'auto';
      units: LengthUnit;
      upload_ids: number[];
      cameras?: Record<string, string>;
      note?: string;
    };

export const calibrationsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.calibrations(recordingId),
    queryFn: ({ signal }) =>
      api.get<Calibration[]>(`/recordings/${recordingId}/calibrations`, { signal }),
  });

export const driftQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.calibrationDrift(recordingId),
    queryFn: ({ signal }) =>
      api.get<Drift | null>(`/recordings/${recordingId}/calibration-drift`, { signal }),
  });

export const calibrationImageUrl = (id: number, key: string): string =>
  `${API_BASE}/calibrations/${id}/images/${encodeURIComponent(key)}`;

export const calibrationFileUrl = (id: number): string =>
  `${API_BASE}/calibrations/${id}/cameras.toml`;

export function useCalibrate(recordingId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: CalibrationRequest) =>
      api.post<Job>(`/recordings/${recordingId}/calibrations`, body),
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
      api.post<RecordingDetail>(`/recordings/${recordingId}/calibration`, { calibration_id: id }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.recordings }),
  });
}

export function useDeleteCalibration() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => api.delete(`/calibrations/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.recordings }),
  });
}
