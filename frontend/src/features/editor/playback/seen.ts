/**
 * What was seen in playback, and how fast: only frames that were really painted, with their joints,
 * for as long as the speed says, in a tab that could be seen.
 */

/** A frame on the screen: since when it is painted, and what was painted of it. */
export interface Painted {
  readonly frameId: number;
  readonly version: number;
  /** Milliseconds, by the page's clock, when the browser had painted it. */
  readonly at: number;
}

export interface Sighting {
  /** The version that was seen: another one was not. */
  readonly version: number;
  /** Frames a second: the slowest showing so far. */
  readonly fps: number;
}

/** A browser paints at its own beat: so much of a frame's time is enough. */
export const ENOUGH = 0.9;

export type Seen = ReadonlyMap<number, Sighting>;

/** How long a frame must stand to count as seen at a speed, in milliseconds. */
export const leastMs = (fps: number): number => (1000 / fps) * ENOUGH;

/** Note frames that were on the screen from when they were painted until now. */
export function noted(seen: Seen, painted: readonly Painted[], until: number, fps: number): Seen {
  const enough = painted.filter(({ at }) => until - at >= leastMs(fps));
  if (enough.length === 0) return seen;
  const next = new Map(seen);
  for (const { frameId, version } of enough) {
    const before = next.get(frameId);
    const slowest = before?.version === version ? Math.min(before.fps, fps) : fps;
    next.set(frameId, { version, fps: slowest });
  }
  return next;
}

/** Take back what passed while a hand reacted: it was on the screen, and not judged. */
export function forgotten(seen: Seen, frames: readonly number[]): Seen {
  if (!frames.some((id) => seen.has(id))) return seen;
  const next = new Map(seen);
  for (const id of frames) next.delete(id);
  return next;
}

/** One step of a showing: which frames stood there together, and when they were painted. */
export interface Shown {
  readonly index: number;
  readonly at: number;
  readonly frames: readonly number[];
}

/**
 * Where to stop when the key went up: at what was shown one reaction earlier, the first that was
 * shown where it is shorter than that. Later ones count as not seen.
 */
export function stopAt(
  shown: readonly Shown[],
  up: number,
  reactionMs: number,
): { index: number; after: readonly number[] } | null {
  if (shown.length === 0) return null;
  const then = shown.findLastIndex(({ at }) => at <= up - reactionMs);
  const place = Math.max(0, then);
  const stop = shown[place];
  if (stop === undefined) return null;
  return { index: stop.index, after: shown.slice(place).flatMap(({ frames }) => frames) };
}
