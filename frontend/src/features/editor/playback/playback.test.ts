import { beforeEach, describe, expect, it } from 'vitest';
import { acceptSeen } from '../actions/rangeActions';
import { Driver } from '../testing/driver';
import { Playback, type Screen } from './Playback';
import { noted, stopAt } from './seen';

/** A page whose clock a test moves: frames are painted 20 ms after they are set. */
class Clock implements Screen {
  time = 0;
  seen = true;
  private due: { at: number; call: () => void }[] = [];
  now = () => this.time;
  visible = () => this.seen;
  painted = (call: () => void) => this.after(20, call);
  after = (ms: number, call: () => void) => {
    const entry = { at: this.time + ms, call };
    this.due.push(entry);
    return () => {
      this.due = this.due.filter((other) => other !== entry);
    };
  };
  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.due.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.due = this.due.filter((other) => other !== next);
      this.time = next.at;
      next.call();
    }
    this.time = end;
  }
}

let clock: Clock;
let driver: Driver;
let playback: Playback;
const at = () => driver.state.frames[driver.state.index]?.position;
const seen = () => [...playback.state.seen.keys()].sort((a, b) => a - b);

beforeEach(async () => {
  clock = new Clock();
  driver = await Driver.open({ frames: 30 });
  const { store, cache } = driver.editor;
  playback = new Playback({ store, cache, go: (i) => driver.editor.go(i), screen: clock });
});

describe('playback', () => {
  it('shows each frame for its time, and what stood that long was seen', () => {
    playback.setSpeed(10);
    playback.toggle();
    clock.pass(120 * 5 + 10);
    expect(at()).toBe(5);
    expect(seen()).toEqual([0, 1, 2, 3, 4]);
    playback.toggle();
    expect(seen()).toEqual([0, 1, 2, 3, 4]);
    expect(playback.playing).toBe(false);
  });

  it('stops, when the key goes up, at what was shown a reaction before, and forgets the rest', () => {
    playback.setSpeed(10);
    playback.hold();
    clock.pass(1000);
    const shown = at() ?? 0;
    playback.letGo();
    expect(shown - (at() ?? 0)).toBeGreaterThanOrEqual(2);
    expect(seen().at(-1)).toBe((at() ?? 0) - 1);
    expect(driver.state.notice?.text).toContain('0.3 s before you let go');
  });

  it('counts nothing in a tab that nobody sees, and stops there', () => {
    playback.toggle();
    clock.pass(230);
    const before = seen();
    clock.seen = false;
    clock.pass(5000);
    expect(seen()).toEqual(before);
    expect(playback.playing).toBe(false);
  });

  it('counts nothing while the joints are hidden', () => {
    driver.editor.set({ view: { ...driver.state.view, overlay: false } });
    playback.toggle();
    clock.pass(2000);
    expect(seen()).toEqual([]);
  });

  it('waits for a picture that is not there, and goes on when it is', async () => {
    driver.editor.cache.invalidate(1);
    playback.setSpeed(10);
    playback.toggle();
    clock.pass(300);
    expect(at()).toBe(0);
    expect(playback.state.waiting).toBe(true);
    await driver.editor.cache.load(1);
    clock.pass(50);
    expect(at()).toBe(1);
    expect(playback.state.waiting).toBe(false);
  });

  it('offers undecided frames in the version that was seen, and no others', () => {
    playback.setSpeed(10);
    playback.toggle();
    clock.pass(120 * 4 + 10);
    playback.stop();
    driver.editor.frames.patchItem(1, { state: 'discarded' });
    driver.editor.frames.patchItem(2, { version: 9 });
    expect(playback.acceptable.map(({ id }) => id)).toEqual([0, 3]);
    expect(playback.speedOf(playback.acceptable)).toBe(10);
  });

  it('leaves frames with doubted joints out, and says how many', () => {
    playback.setSpeed(10);
    playback.toggle();
    clock.pass(120 * 4 + 10);
    driver.editor.frames.patchItem(1, { doubts: 2 });
    acceptSeen(Object.assign(driver.editor, { playback }));
    const states = driver.state.frames.slice(0, 4).map(({ state }) => state);
    expect(states).toEqual(['accepted', 'undecided', 'accepted', 'accepted']);
    expect(driver.state.notice?.text).toMatch(
      /^3 frames accepted. 1 frame with doubted joints stays undecided/,
    );
  });

  it('stops at the last frame', () => {
    driver.editor.go(27);
    playback.setSpeed(10);
    playback.toggle();
    clock.pass(3000);
    expect(at()).toBe(29);
    expect(playback.playing).toBe(false);
    expect(seen()).toEqual([27, 28, 29]);
  });
});

describe('what was seen', () => {
  it('needs the frame’s time, and keeps the slowest showing of one version', () => {
    const painted = [{ frameId: 1, version: 3, at: 0 }];
    expect(noted(new Map(), painted, 80, 10).size).toBe(0);
    const fast = noted(new Map(), painted, 95, 10);
    expect(fast.get(1)).toEqual({ version: 3, fps: 10 });
    expect(noted(fast, painted, 500, 2).get(1)?.fps).toBe(2);
    expect(noted(fast, [{ frameId: 1, version: 4, at: 0 }], 500, 5).get(1)).toEqual({
      version: 4,
      fps: 5,
    });
  });

  it('stops at the first frame when the key was pressed for a moment only', () => {
    const shown = [{ index: 4, at: 100, frames: [4] }];
    expect(stopAt(shown, 150, 300)).toEqual({ index: 4, after: [4] });
    expect(stopAt([], 150, 300)).toBeNull();
  });
});
