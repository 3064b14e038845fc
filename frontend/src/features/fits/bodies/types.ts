/** Shapes of the interface for body models and body fits. Lengths are metres unless named `_px`. */
import type { components } from '@/shared/api/schema.gen';
import type { JointJson } from '@/shared/api/types';
import type { Camera } from '@/shared/geometry/cameras';

type Schemas = components['schemas'];

export type Fit = Schemas['FitOut'];
export type FitRun = Schemas['FitRunOut'];
export type FitStatus = Fit['status'];
export type FitRejection = Schemas['FitRejection'];
export type FitsOfRecording = Schemas['SessionFits'];
export type FitRequest = Partial<Schemas['FitRequest']>;
export type FitDefaults = Schemas['FitDefaults'] & {
  config_version?: string;
  config?: Record<string, unknown>;
};

export interface Calibration {
  id: number;
  recording_id: number;
  version: number;
  phase: 'before' | 'after' | 'session';
  origin: string;
  cameras: (Camera & { camera_id: number; rms_px: number | null })[];
  floor_z: number | null;
  note: string | null;
  created_at: string;
  in_use: boolean;
  placed: boolean;
}

export interface MomentCamera {
  id: number;
  index: number;
  name: string;
  width: number;
  height: number;
}

export interface Moment {
  id: number;
  index: number;
  time_s: number;
  /** Frame id by camera id. */
  frames: Record<string, number>;
}

export interface MomentsOfRecording {
  cameras: MomentCamera[];
  moments: Moment[];
  calibration: Calibration | null;
}

export interface MomentJoints {
  frames: {
    frame_id: number;
    camera_id: number;
    version: number;
    joints: JointJson[] | null;
    verdict: string;
  }[];
}
