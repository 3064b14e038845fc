/** Shapes of the interface for body models and body fits. Lengths are metres unless named `_px`. */
import type { components } from '@/shared/api/schema.gen';

type Schemas = components['schemas'];

export type Fit = Schemas['FitOut'];
export type Doubt = Schemas['FitDoubtOut'];
export type FitRun = Schemas['FitRunOut'];
export type FitStatus = Fit['status'];
export interface ScansOfRecording extends Omit<Schemas['RecordingScans'], 'cameras'> {
  cameras: readonly { id: number; name: string }[];
}
export type ScansWish = Schemas['ScansIn'];
export type FitRejection = Schemas['FitRejection'];
export type FitsOfRecording = Schemas['SessionFits'];
export type FitRequest = Partial<Schemas['FitRequest']>;
export type FitDefaults = Schemas['FitDefaults'];

/** A camera whose pictures have been read. */
export type MomentCamera = Schemas['SessionCamera'] & { width: number; height: number };
export type Moment = Schemas['MomentItem'];
export type MomentsOfRecording = Schemas['MomentList'];
