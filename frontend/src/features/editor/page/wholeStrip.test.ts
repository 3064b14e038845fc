// @vitest-environment jsdom

import { afterEach, describe, expect, it, vi } from 'vitest';
import { Driver, frameItem } from '../testing/driver';
import { readTheRest } from './wholeStrip';

const all = Array.from({ length: 6 }, (_, id) => frameItem(id));

let stop = (): void => undefined;
afterEach(() => stop());

describe('the rest of a very long recording', () => {
  it('comes in while the person stays on the frame', async () => {
    const driver = await Driver.open({ frames: 6 });
    driver.editor.set({ frames: all.slice(3), index: 1, order: [0, 1, 2] });
    stop = readTheRest({
      recordingId: 1,
      frames: driver.editor.frames,
      read: async () => all,
      onFault: vi.fn(),
    });
    await vi.waitFor(() => expect(driver.state.frames).toHaveLength(6));
    expect(driver.editor.item?.id).toBe(4);
    expect(driver.state.order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('leaves what was changed meanwhile as it is here', async () => {
    const driver = await Driver.open({ frames: 6 });
    driver.editor.set({ frames: all.slice(3), index: 0 });
    driver.editor.frames.patchItem(4, { state: 'discarded' });
    driver.editor.frames.complete(all);
    expect(driver.state.frames.map((frame) => frame.state)).toEqual([
      ...Array(4).fill('undecided'),
      'discarded',
      'undecided',
    ]);
  });

  it('is asked for again when the network is back, and complains once', async () => {
    const driver = await Driver.open({ frames: 6 });
    driver.editor.set({ frames: all.slice(3), index: 0 });
    const read = vi.fn<() => Promise<typeof all>>(async () => Promise.reject(new Error('offline')));
    const onFault = vi.fn();
    stop = readTheRest({ recordingId: 1, frames: driver.editor.frames, read, onFault });
    await vi.waitFor(() => expect(onFault).toHaveBeenCalledOnce());
    window.dispatchEvent(new Event('online'));
    await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(2));
    read.mockImplementation(async () => all);
    window.dispatchEvent(new Event('online'));
    await vi.waitFor(() => expect(driver.state.frames).toHaveLength(6));
    expect(onFault).toHaveBeenCalledOnce();
  });

  it('changes nothing after the editor was closed', async () => {
    const driver = await Driver.open({ frames: 6 });
    driver.editor.set({ frames: all.slice(3), index: 0 });
    const read = vi.fn(async () => all);
    readTheRest({ recordingId: 1, frames: driver.editor.frames, read, onFault: vi.fn() })();
    await read.mock.results[0]?.value;
    await Promise.resolve();
    expect(driver.state.frames).toHaveLength(3);
  });
});
