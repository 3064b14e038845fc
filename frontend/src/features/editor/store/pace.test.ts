import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Driver, INFANT } from '../testing/driver';
import { onlyDragged, Pace } from './pace';

const nose = INFANT[0] ?? { x: 0, y: 0 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

it('runs all that wait in one task, each once', () => {
  const pace = new Pace(80);
  const taken: string[] = [];
  const first = (): void => void taken.push('first');
  pace.later(first);
  vi.advanceTimersByTime(50);
  pace.later(first);
  pace.later(() => taken.push('second'));
  expect(taken).toEqual([]);
  vi.advanceTimersByTime(30);
  expect(taken).toEqual(['first', 'second']);
});

it('leaves out who took by itself meanwhile', () => {
  const pace = new Pace(80);
  const take = vi.fn();
  pace.later(take);
  pace.forget(take);
  vi.advanceTimersByTime(1000);
  expect(take).not.toHaveBeenCalled();
});

it('lets only moves of a dragged joint wait: taking it, letting it go and zooming are shown at once', async () => {
  vi.useRealTimers();
  const driver = await Driver.open();
  driver.moveTo(nose.x, nose.y).press();
  const before = driver.state;
  const taken = driver.moveTo(nose.x + 20, nose.y).state;
  const moved = driver.moveTo(nose.x + 30, nose.y).state;
  driver.editor.set({ camera: { ...moved.camera, zoom: 2 } });
  const zoomed = driver.state;
  driver.release();
  expect(onlyDragged(taken, before)).toBe(false);
  expect(onlyDragged(moved, taken)).toBe(true);
  expect(onlyDragged(zoomed, moved)).toBe(false);
  expect(onlyDragged(driver.state, moved)).toBe(false);
});

it('tells of an act once, at its end, and of nothing that did not change', async () => {
  vi.useRealTimers();
  const { editor } = await Driver.open();
  const { store } = editor;
  const told = vi.fn();
  const stop = store.api.subscribe(told);
  store.together(() => {
    store.set({ selected: 3 });
    expect(store.state.selected).toBe(3);
    store.set({ cursor: 'move' });
  });
  expect(told).toHaveBeenCalledTimes(1);
  store.set({ selected: 3 });
  store.together(() => store.set({ cursor: 'move' }));
  expect(told).toHaveBeenCalledTimes(1);
  stop();
});
