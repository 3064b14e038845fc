/** From key press to painted frame, as a browser measure that benchmarks can read. */

const FRAME_SWITCH = 'frame-switch';

/**
 * Measure a frame switch once the browser has painted it.
 *
 * The first animation frame runs before the paint, the second after it.
 */
export function markSwitchPainted(since: number, position: number, prefetched: boolean): void {
  if (typeof requestAnimationFrame !== 'function') return;
  requestAnimationFrame(() => {
    requestAnimationFrame(() => {
      performance.mark(FRAME_SWITCH, { detail: { position, prefetched } });
      performance.measure(FRAME_SWITCH, {
        start: since,
        end: performance.now(),
        detail: { position, prefetched },
      });
      forget();
    });
  });
}

/** A day's work must not fill the browser's timeline. */
function forget(): void {
  if (performance.getEntriesByName(FRAME_SWITCH, 'measure').length > 2000) {
    performance.clearMeasures(FRAME_SWITCH);
    performance.clearMarks(FRAME_SWITCH);
  }
}
