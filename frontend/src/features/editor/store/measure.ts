/** From key press to painted frame, as browser measures that benchmarks can read. */

/** From the key event to the second animation frame after it, waiting for the screen included. */
const FRAME_SWITCH = 'frame-switch';

/**
 * Measure a frame switch once the browser has painted it.
 *
 * The first animation frame runs before the paint, the second after it.
 */
export function markSwitchPainted(since: number, position: number, prefetched: boolean): void {
  if (typeof requestAnimationFrame !== 'function') return;
  const detail = { position, prefetched };
  requestAnimationFrame(() => {
    requestAnimationFrame(() => {
      performance.mark(FRAME_SWITCH, { detail });
      performance.measure(FRAME_SWITCH, { start: since, end: performance.now(), detail });
      forget();
    });
  });
}

/** Do what nobody waits for once the browser has painted; at once where nothing is painted. */
export function afterPaint(work: () => void): void {
  const paints =
    typeof requestAnimationFrame === 'function' && document.visibilityState !== 'hidden';
  if (paints) requestAnimationFrame(() => soon(work));
  else work();
}

/** As the next task: before timers, which browsers hold back. */
function soon(work: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    work();
  };
  port2.postMessage(null);
}

/** A day's work must not fill the browser's timeline. */
function forget(): void {
  if (performance.getEntriesByName(FRAME_SWITCH, 'measure').length > 2000) {
    performance.clearMeasures(FRAME_SWITCH);
    performance.clearMarks(FRAME_SWITCH);
  }
}
