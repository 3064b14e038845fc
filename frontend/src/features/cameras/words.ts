/** Numbers of calibrations in words. */

import { humanise } from '@/shared/domain/words';
import type { CalibratedCamera } from './queries';

export function px(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} px`;
}

export function metres(value: number): string {
  return `${value.toFixed(2)} m`;
}

/** Horizontal angle of view in whole degrees. */
export function fieldOfView({ K, width, lens }: CalibratedCamera): number {
  const half = width / 2 / (K[0]?.[0] ?? width);
  const angle = lens === 'fisheye' ? 2 * half : 2 * Math.atan(half);
  return Math.round((angle * 180) / Math.PI);
}

/** The server's reasons are sentences; a bare word of a newer one is made readable. */
export function reasonWords(reason: string): string {
  return /\s/.test(reason) ? reason : humanise(reason);
}
