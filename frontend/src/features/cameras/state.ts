/** What is known about a recording's cameras, and what to do next. */
import type { Calibration } from '@/shared/api/types';

import { GOOD_LENS_RMS_PX, POOR_LENS_RMS_PX } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import {
  type CalibratedCamera,
  type Drift,
  type LensReport,
  type Phase,
  reportOf,
} from './queries';

export const PHASES: readonly { value: Phase; label: string; help: string }[] = [
  {
    value: 'before',
    label: 'Before the visit',
    help: 'Boards filmed before the infant came. These cameras are used for the recording.',
  },
  {
    value: 'after',
    label: 'After the visit',
    help: 'Boards filmed once more at the end. Used only for comparison, to notice a camera that was moved.',
  },
  {
    value: 'session',
    label: 'Not noted',
    help: 'One calibration for the whole visit, or it is not known when the boards were filmed.',
  },
];

export const PHASE_LABELS: Record<Phase, string> = {
  before: 'Before',
  after: 'After',
  session: 'Not noted',
};

export const ORIGIN_LABELS: Record<string, string> = {
  board: 'Board',
  points: 'Points of known position',
  import: 'File',
  rendered: 'Rendered',
  joints: 'Joints of the recording',
};

export type Grade = 'good' | 'fair' | 'poor';

export function gradeOf(rms: number): Grade {
  if (rms <= GOOD_LENS_RMS_PX) return 'good';
  return rms <= POOR_LENS_RMS_PX ? 'fair' : 'poor';
}

/** Newest first. */
export function ofPhase(versions: readonly Calibration[], phase: Phase): Calibration[] {
  return versions.filter((v) => v.phase === phase).sort((a, b) => b.version - a.version);
}

export function inUse(versions: readonly Calibration[]): Calibration | null {
  return versions.find((v) => v.in_use) ?? null;
}

/** The version that the page speaks of: the one in use, else the newest. */
export function current(versions: readonly Calibration[]): Calibration | null {
  const newest = [...versions].sort((a, b) => b.version - a.version);
  return inUse(versions) ?? newest.find((v) => v.phase !== 'after') ?? newest[0] ?? null;
}

/** A camera where it stands at last: one that was knocked has no place for the whole visit. */
export function atLast(camera: CalibratedCamera): CalibratedCamera {
  const last = camera.moves?.at(-1);
  return last ? { ...camera, ...last } : camera;
}

export function cameraIn(
  version: Calibration | null | undefined,
  cameraId: number,
): CalibratedCamera | null {
  const found = version?.cameras.find((c) => c.camera_id === cameraId);
  return found ? atLast(found) : null;
}

/** Versions whose lenses can be placed, newest first. */
export function withLenses(versions: readonly Calibration[]): Calibration[] {
  return versions.filter((v) => v.cameras.length > 0).sort((a, b) => b.version - a.version);
}

/** The version whose lenses are placed next: of the phase where it has any, else the one in use. */
export function baseFor(versions: readonly Calibration[], phase: Phase): Calibration | null {
  return withLenses(ofPhase(versions, phase))[0] ?? current(withLenses(versions)) ?? null;
}

/** A version that was made after the one in use, and is not used: nobody should wonder why. */
export function newerUnused(versions: readonly Calibration[]): Calibration | null {
  const used = inUse(versions);
  const newest = versions
    .filter((v) => v.phase !== 'after')
    .sort((a, b) => b.version - a.version)[0];
  return used && newest && newest.version > used.version ? newest : null;
}

export interface LensFound {
  version: Calibration;
  report: LensReport;
}

/**
 * What was said about a lens when it was calibrated: placing cameras, or calibrating others, says
 * nothing new. A file replaces all that was known before it.
 */
export function lensReport(
  version: Calibration,
  versions: readonly Calibration[],
  cameraId: number,
): LensFound | null {
  const seen = new Set<number>();
  let at: Calibration | undefined = version;
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    const report = reportOf(at).cameras?.[String(cameraId)];
    if (report) return { version: at, report };
    if (at.origin === 'import' || at.origin === 'rendered') return null;
    const before: number | null = at.based_on_id;
    at = versions.find((v) => v.id === before);
  }
  return null;
}

export interface Stand {
  lenses: number;
  placed: number;
  of: number;
  /** Both steps are done for every camera. */
  ready: boolean;
}

export function standOf(version: Calibration | null, cameras: readonly { id: number }[]): Stand {
  const known = cameras.flatMap((c) => cameraIn(version, c.id) ?? []);
  const placed = known.filter((c) => c.T_camera_world).length;
  const of = cameras.length;
  return { lenses: known.length, placed, of, ready: of > 0 && placed === of };
}

export type NextStep = 'lens' | 'place' | 'after' | 'moved' | 'none';

/** What a maintainer should do next. */
export function nextStep(
  versions: readonly Calibration[],
  cameras: readonly { id: number }[],
  drift: Drift | null,
): NextStep {
  const stand = standOf(current(versions), cameras);
  if (stand.lenses < stand.of) return 'lens';
  if (!stand.ready || !inUse(versions)) return 'place';
  if (drift?.exceeded) return 'moved';
  return drift ? 'none' : 'after';
}

/** `4 lenses known, 2 of 4 placed`. */
export function standWords({ lenses, placed, of }: Stand): string {
  if (!lenses) return 'No lens is known yet';
  const known =
    lenses < of ? `${lenses} of ${of} lenses known` : `${count(of, 'lens', 'lenses')} known`;
  if (!placed) return `${known}, no camera has a place yet`;
  return placed < of ? `${known}, ${placed} of ${of} placed` : `${known}, all placed`;
}
