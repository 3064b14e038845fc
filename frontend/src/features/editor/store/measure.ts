/** From key press to painted frame, as browser measures that benchmarks can read. */

/** From the key event to the second animation frame after it, waiting for the screen included. */
const FRAME_SWITCH = 'frame-switch';
/** The same without the waiting: what the page itself did for the switch. */
const FRAME_WORK = 'frame-switch-work';

/**
 * Measure a frame switch once the browser has painted it.
 *
 * The first animation frame runs before the paint, the second after it. The work is that of the
 * key's own task, with what React renders at its end, and that of the animation frame up to the
 * first task after it: style, layout and paint on this thread.
 */
export function markSwitchPainted(since: number, position: number, prefetched: boolean): void {
  if (typeof requestAnimationFrame !== 'function') return;
  const detail = { position, prefetched };
  let rendered = performance.now();
  queueMicrotask(() => {
    rendered = performance.now();
  });
  requestAnimationFrame(() => {
    const begun = performance.now();
    soon(() => {
      const work = rendered - since + performance.now() - begun;
      performance.measure(FRAME_WORK, { start: since, duration: work, detail });
    });
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
    performance.clearMeasures(FRAME_WORK);
    performance.clearMarks(FRAME_SWITCH);
  }
}
