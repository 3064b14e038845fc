// @vitest-environment jsdom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { positionOf } from '@/shared/domain/frameAddress';
import { Address } from './address';

beforeEach(() => {
  vi.useFakeTimers();
  history.replaceState({ key: 'kept' }, '', '/recordings/3/frames/1');
});
afterEach(() => vi.useRealTimers());

describe('the address of the frame', () => {
  it('follows in the next pause, and counts as the screen does', () => {
    new Address(3).show(4);
    vi.advanceTimersByTime(1);
    expect(location.pathname).toBe('/recordings/3/frames/5');
    expect(history.state).toEqual({ key: 'kept' });
  });

  it('tells the router once, when the hand rests', () => {
    const router = vi.spyOn(history, 'replaceState');
    const address = new Address(3);
    address.show(4);
    address.show(5);
    expect(router).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(router).toHaveBeenCalledExactlyOnceWith({ key: 'kept' }, '', '/recordings/3/frames/6');
  });

  it('stays within what browsers allow while a key is held, and still ends on the last frame', () => {
    const written = vi.spyOn(History.prototype, 'replaceState');
    const address = new Address(3);
    for (let position = 0; position < 300; position++) {
      address.show(position);
      vi.advanceTimersByTime(33);
    }
    expect(written.mock.calls.length).toBeLessThan(100);
    address.flush();
    expect(location.pathname).toBe('/recordings/3/frames/300');
  });

  it('does not call back somebody who went to another page', () => {
    const address = new Address(3);
    address.show(4);
    history.replaceState(null, '', '/recordings/3');
    address.show(5);
    vi.advanceTimersByTime(1000);
    expect(location.pathname).toBe('/recordings/3');
  });

  it('is read back as the position; what is no number opens the beginning', () => {
    expect(positionOf('5')).toBe(4);
    expect(['0', '-3', 'x', '2.5', undefined].map(positionOf)).toEqual([0, 0, 0, 0, 0]);
  });
});
