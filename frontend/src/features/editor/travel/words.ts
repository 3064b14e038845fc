/** Corrections that travel, in words. */

import type { FrameItem } from '@/shared/api/types';
import { count } from '@/shared/lib/format';

/** “frames 12 and 40”, “frame 12 and frame 7 of camera 2”. */
export function framesInWords(
  ids: readonly number[],
  frames: readonly FrameItem[],
  here: number,
  cameraName: (id: number) => string,
): string {
  const found = ids.flatMap((id) => {
    const index = frames.findIndex((item) => item.id === id);
    const item = frames[index];
    return item === undefined ? [] : [{ number: index + 1, camera: item.camera_id }];
  });
  const own = found.filter(({ camera }) => camera === here).map(({ number }) => number);
  const others = found.filter(({ camera }) => camera !== here);
  const parts = own.length === 0 ? [] : [`${own.length > 1 ? 'frames' : 'frame'} ${listed(own)}`];
  for (const { number, camera } of others) parts.push(`frame ${number} of ${cameraName(camera)}`);
  return listed(parts);
}

function listed(parts: readonly (string | number)[]): string {
  const last = parts.at(-1);
  return parts.length < 2 ? String(last ?? '') : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** 0.0342 as “3.4 %”. */
export const percent = (share: number): string =>
  `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

/** An expected error as the similarity that is expected: .966. */
export const oks = (error: number): string => (1 - error).toFixed(3).replace(/^0/, '');

/** How far an expected error may be believed, as far as people checked it. */
export function checkedInWords({ checked, checks }: { checked: number; checks: number }): string {
  if (checked === 0) return 'not checked yet';
  if (checked < checks) return `checked on ${checked} of ${count(checks, 'frame')}`;
  return `checked on ${count(checked, 'frame')}`;
}

/** Which cameras show joints beside where the others expect them; null where none does. */
export function camerasOffInWords(
  off: readonly { camera_id: number; px: number }[],
  cameras: readonly { id: number; name: string }[],
): string | null {
  const told = off.flatMap(({ camera_id, px }) => {
    const camera = cameras.find(({ id }) => id === camera_id);
    return camera === undefined ? [] : [`${camera.name} by ${px.toFixed(1)} px`];
  });
  if (told.length === 0) return null;
  return `All joints lie beside where the other cameras expect them: ${told.join(', ')}. Corrections allow for that. Triangulated joints and body fits do not: if a camera was touched, look at Cameras.`;
}

/** What answers show of the model's labels where those are off in all frames; null where not. */
export function offInWords(px: number | null): string | null {
  if (px === null) return null;
  const length = px < 9.95 ? px.toFixed(1) : px.toFixed(0);
  return `The model’s labels of this infant are off by about ${length} px, in all frames and cameras alike, and corrections take only a part of that away. Train the model first, or place key frames.`;
}
