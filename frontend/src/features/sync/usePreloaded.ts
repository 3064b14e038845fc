import { useEffect } from 'react';
import type { Picture } from './clocks';

const AHEAD = 14;
const MAX_KEPT = 600;
const kept = new Map<string, HTMLImageElement>();

function fetchPicture(url: string): void {
  const known = kept.get(url);
  if (known) {
    kept.delete(url); // to the end: used last
    kept.set(url, known);
    return;
  }
  const image = new Image();
  image.decoding = 'async';
  image.src = url;
  kept.set(url, image);
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_KEPT) break;
    kept.delete(oldest);
  }
}

/** Fetches the pictures around the shown one, nearest first, so that a nudge shows at once. */
export function usePreloaded(pictures: readonly Picture[], index: number): void {
  useEffect(() => {
    if (index < 0) return;
    const timer = setTimeout(() => {
      for (let away = 1; away <= AHEAD; away += 1) {
        for (const near of [pictures[index + away], pictures[index - away]]) {
          if (near) fetchPicture(near.url);
        }
      }
    }, 30);
    return () => clearTimeout(timer);
  }, [pictures, index]);
}
