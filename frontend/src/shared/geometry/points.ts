/** Places in images and in the world. The two never mix by accident. */

declare const brand: unique symbol;

/** Pixels of the image, its top-left corner at (0, 0). */
export type ImagePoint = { readonly x: number; readonly y: number; readonly [brand]: 'image' };

/** Metres in the recording's world, z up where a floor is known. */
export type WorldPoint = {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly [brand]: 'world';
};

/** A direction in the world, of length one. */
export type WorldDirection = {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly [brand]: 'direction';
};

export const imagePoint = (x: number, y: number): ImagePoint => ({ x, y }) as ImagePoint;
export const worldPoint = (x: number, y: number, z: number): WorldPoint =>
  ({ x, y, z }) as WorldPoint;
export const worldDirection = (x: number, y: number, z: number): WorldDirection =>
  ({ x, y, z }) as WorldDirection;
