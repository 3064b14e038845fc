import { MAX_SHAPE_DIFFERENCE } from '@/shared/domain/rules.gen';
/** How a picture lies in its window: pixels of the screen per pixel of the picture, and a shift. */
export interface PictureView {
  zoom: number;
  left: number;
  top: number;
}

export interface Size {
  width: number;
  height: number;
}

const MAX_ZOOM = 24;

/** A photo in the pixels of its camera: enlarged by `factor`, then shifted. */
export interface Inset {
  factor: number;
  x: number;
  y: number;
}

/**
 * A photo of another size than the camera films: scaled alike in both directions and centred, as
 * the server takes it (1088 columns for 1080 are trimmed). Null for another shape: another mode.
 */
export function insetOf(photo: Size, camera: Size): Inset | null {
  const [across, down] = [camera.width / photo.width, camera.height / photo.height];
  if (Math.abs(across / down - 1) > MAX_SHAPE_DIFFERENCE) return null;
  const larger = Math.max(camera.width, camera.height) >= Math.max(photo.width, photo.height);
  const factor = larger ? Math.max(across, down) : Math.min(across, down);
  return {
    factor,
    x: (camera.width - factor * photo.width) / 2,
    y: (camera.height - factor * photo.height) / 2,
  };
}

export function wholeIn(picture: Size, window: Size): PictureView {
  const zoom = Math.min(window.width / picture.width, window.height / picture.height);
  return {
    zoom,
    left: (window.width - picture.width * zoom) / 2,
    top: (window.height - picture.height * zoom) / 2,
  };
}

/** Zooms so that the picture stays where it is under (x, y) of the window. */
export function zoomAt(
  view: PictureView,
  factor: number,
  x: number,
  y: number,
  picture: Size,
  window: Size,
): PictureView {
  const least = wholeIn(picture, window).zoom;
  const zoom = Math.min(MAX_ZOOM, Math.max(least, view.zoom * factor));
  if (zoom <= least) return wholeIn(picture, window);
  const ratio = zoom / view.zoom;
  return { zoom, left: x - (x - view.left) * ratio, top: y - (y - view.top) * ratio };
}

/** Shifts so that a place of the picture is in the window, if it is not. */
export function reveal(view: PictureView, at: [number, number], window: Size): PictureView {
  const [x, y] = [view.left + at[0] * view.zoom, view.top + at[1] * view.zoom];
  const air = 24;
  const inside = x > air && y > air && x < window.width - air && y < window.height - air;
  if (inside) return view;
  return { ...view, left: view.left + window.width / 2 - x, top: view.top + window.height / 2 - y };
}

/** Window to picture, in pixels of the picture from its outer corner. */
export function toPicture(view: PictureView, x: number, y: number): [number, number] {
  return [(x - view.left) / view.zoom, (y - view.top) / view.zoom];
}

export function within([x, y]: [number, number], { width, height }: Size): [number, number] {
  const round = (value: number, most: number) =>
    Math.round(100 * Math.min(most, Math.max(0, value))) / 100;
  return [round(x, width), round(y, height)];
}
