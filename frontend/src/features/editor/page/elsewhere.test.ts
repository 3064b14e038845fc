import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { submission } from '../dialogs/submission';
import { Driver, frameDocument, frameItem } from '../testing/driver';
import { Elsewhere } from './elsewhere';

const decided = (id: number) => {
  const doc = frameDocument(id);
  return { ...doc, annotation: { ...doc.annotation, version: 2, state: 'accepted' as const } };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('frames that were decided in another tab', () => {
  it('are not counted as left any more', async () => {
    const driver = await Driver.open({ frames: 4 });
    const strip = vi.fn();
    const elsewhere = new Elsewhere(driver.editor, { frame: async (id) => decided(id), strip });
    elsewhere.frameChanged(2, 2);
    await vi.advanceTimersByTimeAsync(500);
    const { recording, frames } = driver.state;
    expect(submission(recording, frames).missing).toEqual([0, 1, 3]);
    expect(strip).not.toHaveBeenCalled();
  });

  it('are read with the whole filmstrip where they are many', async () => {
    const driver = await Driver.open({ frames: 20 });
    const frame = vi.fn();
    const strip = async () =>
      Array.from({ length: 20 }, (_, id) => frameItem(id, { state: 'accepted' }));
    const elsewhere = new Elsewhere(driver.editor, { frame, strip });
    for (let id = 5; id < 20; id++) elsewhere.frameChanged(id, 2);
    await vi.advanceTimersByTimeAsync(500);
    expect(submission(driver.state.recording, driver.state.frames).missing).toHaveLength(5);
    expect(frame).not.toHaveBeenCalled();
  });

  it('stay as they are here where something of them waits to be saved', async () => {
    const driver = await Driver.open({ frames: 4 });
    const elsewhere = new Elsewhere(driver.editor, {
      frame: async (id) => {
        await driver.editor.cache.load(id);
        driver.editor.go(id);
        driver.editor.perform([{ type: 'setVerdict', verdict: 'keep' }], 'keep');
        return frameDocument(id);
      },
      strip: async () => [],
    });
    elsewhere.frameChanged(1, 2);
    await vi.advanceTimersByTimeAsync(450);
    expect(driver.state.frames[1]?.state).toBe('accepted');
  });
});
