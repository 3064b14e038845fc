/** Where the camera looks. */
import { boundsOf } from '../document/skeleton';
import type { Skeleton } from '../document/types';
import {
  type Camera,
  fitImage,
  fitRectangle,
  grown,
  pan,
  type Rectangle,
  type Size,
} from './geometry';

/** Limbs end beyond the joints, and a margin shows what is around. */
const MARGIN = 0.35;
const MIN_SIZE = 80;

export function zoomToInfant(
  skeleton: Skeleton | null,
  box: Rectangle | null,
  viewport: Size,
): Camera | null {
  const part = boundsOf(skeleton) ?? box;
  if (part === null) return null;
  const width = Math.max(part.width, MIN_SIZE);
  const height = Math.max(part.height, MIN_SIZE);
  const centred = {
    x: part.x + part.width / 2 - width / 2,
    y: part.y + part.height / 2 - height / 2,
    width,
    height,
  };
  return fitRectangle(grown(centred, MARGIN), viewport, 8);
}

interface Shot extends Size {
  readonly camera_id: number;
}

interface Look {
  readonly camera: Camera;
  readonly viewport: Size;
  /** Whether the camera stays on the infant. */
  readonly follow: boolean;
}

/**
 * The camera for the next frame: as it was, so that the eye can stay where it is.
 *
 * Another recording camera, or another image size, is looked at anew: as a whole, or zoomed to the
 * infant if that is what the person did before.
 */
export function cameraFor(
  next: Shot,
  skeleton: Skeleton | null,
  before: Shot | null,
  { camera, viewport, follow }: Look,
): Camera {
  if (viewport.width === 0) return camera;
  const whole = fitImage(next, viewport);
  if (follow) return zoomToInfant(skeleton, null, viewport) ?? whole;
  if (before === null) return whole;
  const same =
    before.width === next.width &&
    before.height === next.height &&
    before.camera_id === next.camera_id;
  if (same) return camera;
  const zoomed = camera.zoom > 1.05 * fitImage(before, viewport).zoom;
  return zoomed ? (zoomToInfant(skeleton, null, viewport) ?? whole) : whole;
}

/**
 * The camera for a window of another size.
 *
 * What showed the whole image, or followed the infant, does so again; a place that the person
 * chose by hand stays in the middle.
 */
export function cameraAfterResize(
  next: Size,
  image: Size | null,
  skeleton: Skeleton | null,
  { camera, viewport, follow }: Look,
): Camera {
  if (image !== null) {
    const infant = follow ? zoomToInfant(skeleton, null, next) : null;
    if (infant !== null) return infant;
    if (viewport.width === 0 || isSame(camera, fitImage(image, viewport))) {
      return fitImage(image, next);
    }
  }
  return pan(camera, (next.width - viewport.width) / 2, (next.height - viewport.height) / 2);
}

/** Closer than the eye can tell; pinching there and back leaves a rounding error. */
function isSame(a: Camera, b: Camera): boolean {
  const near = Math.abs(a.x - b.x) < 0.5 && Math.abs(a.y - b.y) < 0.5;
  return near && Math.abs(a.zoom / b.zoom - 1) < 1e-3;
}
