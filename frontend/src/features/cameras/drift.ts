/** How far cameras moved between two calibrations. */
import type { CameraDrift, Drift } from './queries';
import { px } from './words';

/** The camera whose picture shifted most; null where none was compared. */
export function worstOf(drift: Drift): CameraDrift | null {
  return drift.cameras.reduce<CameraDrift | null>(
    (worst, camera) => (!worst || shiftOf(camera) > shiftOf(worst) ? camera : worst),
    null,
  );
}

/** Pixels; without end where the camera looks elsewhere altogether. */
export function shiftOf(camera: CameraDrift): number {
  return camera.pixels ?? Number.POSITIVE_INFINITY;
}

export function shiftWords(camera: CameraDrift): string {
  return camera.pixels === null ? 'out of the picture' : px(camera.pixels);
}
