/** Where things are: in the image, and on the screen. The two never mix by accident. */

import { type ImagePoint, imagePoint } from '@/shared/geometry/points';

export type { ImagePoint };

declare const brand: unique symbol;

/** CSS pixels of the canvas, its top-left corner at (0, 0). */
export type ScreenPoint = { readonly x: number; readonly y: number; readonly [brand]: 'screen' };

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rectangle extends Size {
  readonly x: number;
  readonly y: number;
}

/** screen = image · zoom + (x, y). */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

const MIN_ZOOM = 0.05;
const MAX_ZOOM = 40;

export const screenPoint = (x: number, y: number): ScreenPoint => ({ x, y }) as ScreenPoint;

export const toScreen = (camera: Camera, point: { x: number; y: number }): ScreenPoint =>
  screenPoint(point.x * camera.zoom + camera.x, point.y * camera.zoom + camera.y);

export const toImage = (camera: Camera, point: ScreenPoint): ImagePoint =>
  imagePoint((point.x - camera.x) / camera.zoom, (point.y - camera.y) / camera.zoom);

export const distance = (a: { x: number; y: number }, b: { x: number; y: number }): number =>
  Math.hypot(a.x - b.x, a.y - b.y);

const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);

/** Into the image, and to a hundredth of a pixel, which is all that anybody can mean. */
export const insideImage = (point: { x: number; y: number }, image: Size): ImagePoint =>
  imagePoint(
    Math.round(clamp(point.x, 0, image.width) * 100) / 100,
    Math.round(clamp(point.y, 0, image.height) * 100) / 100,
  );

/** The whole image, as large as the window allows. */
export function fitImage(image: Size, viewport: Size, padding = 12): Camera {
  return fitRectangle({ x: 0, y: 0, ...image }, viewport, padding);
}

/** A part of the image, as large as the window allows. */
export function fitRectangle(part: Rectangle, viewport: Size, padding: number): Camera {
  const width = Math.max(1, viewport.width - 2 * padding);
  const height = Math.max(1, viewport.height - 2 * padding);
  const zoom = clamp(
    Math.min(width / Math.max(1, part.width), height / Math.max(1, part.height)),
    MIN_ZOOM,
    MAX_ZOOM,
  );
  return {
    zoom,
    x: viewport.width / 2 - (part.x + part.width / 2) * zoom,
    y: viewport.height / 2 - (part.y + part.height / 2) * zoom,
  };
}

/** Zoom while the image stays put under the given point. */
export function zoomAt(camera: Camera, at: ScreenPoint, factor: number): Camera {
  const zoom = clamp(camera.zoom * factor, MIN_ZOOM, MAX_ZOOM);
  const scale = zoom / camera.zoom;
  return { zoom, x: at.x - (at.x - camera.x) * scale, y: at.y - (at.y - camera.y) * scale };
}

export const pan = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  x: camera.x + dx,
  y: camera.y + dy,
});

/** A rectangle with some air around it. */
export function grown(part: Rectangle, share: number): Rectangle {
  const dx = part.width * share;
  const dy = part.height * share;
  return {
    x: part.x - dx,
    y: part.y - dy,
    width: part.width + 2 * dx,
    height: part.height + 2 * dy,
  };
}

/** How far a point lies from the line between two others. */
export function distanceToSegment(
  point: { x: number; y: number },
  a: { x: number; y: number },
  b: { x: number; y: number },
): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : clamp(((point.x - a.x) * dx + (point.y - a.y) * dy) / length, 0, 1);
  return distance(point, { x: a.x + t * dx, y: a.y + t * dy });
}
