/** How far cameras moved between two calibrations. */
import type { CameraDrift, Drift } from '@/api/queries/calibrations';

/** The camera whose picture shifted most; null where none was compared. */
export function worstOf(drift: Drift): CameraDrift | null {
  return drift.cameras.reduce<CameraDrift | null>(
    (worst, camera) => (!worst || camera.pixels > worst.pixels ? camera : worst),
    null,
  );
}
