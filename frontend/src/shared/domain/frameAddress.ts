/** Addresses count frames from 1, as the screen does; positions count from 0, as in the API. */

export const frameParam = (position: number): string => String(position + 1);

/** What names no frame means the first. */
export function positionOf(param: string | undefined): number {
  const frame = Number(param);
  return Number.isInteger(frame) && frame > 0 ? frame - 1 : 0;
}
