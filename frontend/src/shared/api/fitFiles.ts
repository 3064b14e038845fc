/** As what body fits can be written, in words. */
import type { components } from './schema.gen';

export type FitsFile = components['schemas']['FitsFile'];

export interface FileKind {
  value: FitsFile;
  label: string;
  help: string;
}

export const FITS_FILES: readonly FileKind[] = [
  {
    value: 'fits',
    label: 'All arrays (.npz)',
    help: 'Pose, shape, joints, errors, cameras and verdicts of every fit, for Python.',
  },
  {
    value: 'amass',
    label: 'SMPL sequences, AMASS layout (.npz in .zip)',
    help: 'poses, betas, trans, gender and mocap_framerate. One file for each stretch without a hole.',
  },
  {
    value: 'trc',
    label: 'OpenSim markers (.trc in .zip)',
    help: 'The 17 joints in millimetres, y up. Missing ones are left empty.',
  },
  {
    value: 'c3d',
    label: 'C3D points (.c3d in .zip)',
    help: 'The 17 joints in millimetres, z up. Missing ones have the residual −1.',
  },
  {
    value: 'angles',
    label: 'Joint angles (.csv in .zip)',
    help: 'Hips, knees, shoulders, elbows, trunk and head in degrees; the file says what each angle is.',
  },
];

/** What an export's file holds, for lists. */
export function kindOf(format: string): string {
  const names: Record<string, string> = {
    fits: 'Body fits',
    amass: 'Body fits, AMASS',
    trc: 'Body fits, TRC',
    c3d: 'Body fits, C3D',
    angles: 'Joint angles',
  };
  return names[format] ?? 'COCO';
}
