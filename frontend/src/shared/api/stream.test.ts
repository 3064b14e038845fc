// @vitest-environment jsdom

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HIDDEN_MS, openStream } from './stream';

class Source extends EventTarget {
  static open = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {
    super();
    Source.open += 1;
  }
  close() {
    Source.open -= 1;
  }
}

const handlers = { news: () => {}, opened: () => {}, broken: () => {} };
let hidden = false;
const turn = (to: boolean) => {
  hidden = to;
  document.dispatchEvent(new Event('visibilitychange'));
};

beforeEach(() => {
  hidden = false;
  Source.open = 0;
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Source);
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() =>
    hidden ? 'hidden' : 'visible',
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('lets a hidden tab’s connection go, and takes it up when the tab is seen again', () => {
  const stop = openStream('/events', handlers);
  turn(true);
  vi.advanceTimersByTime(HIDDEN_MS - 1);
  expect(Source.open).toBe(1);
  vi.advanceTimersByTime(1);
  expect(Source.open).toBe(0);
  turn(false);
  expect(Source.open).toBe(1);
  stop();
  expect(Source.open).toBe(0);
});

it('keeps the connection of who looks away for a moment', () => {
  const stop = openStream('/events', handlers);
  turn(true);
  turn(false);
  vi.advanceTimersByTime(2 * HIDDEN_MS);
  expect(Source.open).toBe(1);
  stop();
});

it('keeps none for a page that was left', () => {
  const stop = openStream('/events', handlers);
  window.dispatchEvent(new Event('pagehide'));
  expect(Source.open).toBe(0);
  window.dispatchEvent(new Event('pageshow'));
  expect(Source.open).toBe(1);
  stop();
});
