/** Where the camera looks. */
import { boundsOf } from '../document/skeleton';
import type { Skeleton } from '../document/types';
import { type Camera, fitImage, fitRectangle, grown, type Rectangle, type Size } from './geometry';

/** Limbs end beyond the joints, and a margin shows what is around. */
const MARGIN = 0.35;
const SMALLEST = 80;

export function zoomToInfant(
  skeleton: Skeleton | null,
  box: Rectangle | null,
  viewport: Size,
): Camera | null {
  const part = boundsOf(skeleton) ?? box;
  if (part === null) return null;
  const width = Math.max(part.width, SMALLEST);
  const height = Math.max(part.height, SMALLEST);
  const centred = {
    x: part.x + part.width / 2 - width / 2,
    y: part.y + part.height / 2 - height / 2,
    width,
    height,
  };
  return fitRectangle(grown(centred, MARGIN), viewport, 8);
}

/** The camera for the next frame: as it was, unless the image has another size. */
export function cameraFor(
  next: Size,
  skeleton: Skeleton | null,
  before: Size | null,
  { camera, viewport, follow }: { camera: Camera; viewport: Size; follow: boolean },
): Camera {
  if (follow) {
    const infant = zoomToInfant(skeleton, null, viewport);
    if (infant !== null) return infant;
  }
  const same = before !== null && before.width === next.width && before.height === next.height;
  return same || viewport.width === 0 ? camera : fitImage(next, viewport);
}
