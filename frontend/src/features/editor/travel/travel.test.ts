import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Estimates as Columns, Question } from '@/shared/api/types';
import { N_JOINTS } from '@/shared/domain/rules.gen';
import { Driver, INFANT } from '../testing/driver';
import type { TravelSource } from './Travel';

const NOTHING: Columns = {
  ready: true,
  solve: 1,
  frames: [],
  joints: [],
  sigma: [],
  visibility: [],
  sources: [],
};

/** The infant of these frames, moved by so many pixels. */
function inferred(frames: number[], by: number, solve: number, sources: number[] = [0]): Columns {
  return {
    ready: true,
    solve,
    frames,
    joints: frames.flatMap(() => INFANT.flatMap(({ x, y }) => [x + by, y])),
    sigma: frames.flatMap(() => Array.from({ length: N_JOINTS }, () => 4)),
    visibility: frames.flatMap(() => INFANT.map(({ v }) => v)),
    sources: frames.map(() => sources),
  };
}

/** A server that says what a test has put into it. */
class Source implements TravelSource {
  readonly asked: string[] = [];
  nearby: Columns = NOTHING;
  stored: Columns = NOTHING;
  next: Question = { ready: true, frame_id: null, joints: [], gain: 0, check: false, again: false };

  async near(frameId: number): Promise<Columns> {
    this.asked.push(`near ${frameId}`);
    return this.nearby;
  }

  async around(frameId: number): Promise<Columns> {
    this.asked.push(`around ${frameId}`);
    return this.stored;
  }

  async question(): Promise<Question> {
    return this.next;
  }
}

let source: Source;
beforeEach(() => {
  source = new Source();
});
afterEach(() => {
  vi.useRealTimers();
});

async function opened(stored: Columns = NOTHING, frames = 4): Promise<Driver> {
  source.stored = stored;
  const driver = await Driver.open({ frames, travel: source });
  await vi.waitFor(() => expect(source.asked).toContain('around 0'));
  await Promise.resolve();
  return driver;
}

const x = (driver: Driver): number | undefined => driver.joint('nose')?.x;
const NOSE = INFANT[0]?.x ?? 0;

describe('an estimate in a frame that nobody decided', () => {
  it('is shown in place of the pre-label, and decides nothing', async () => {
    const driver = await opened(inferred([0, 1], 6, 3));
    expect(x(driver)).toBe(NOSE + 6);
    expect(driver.state.inferred?.solve).toBe(3);
    expect(driver.state.document?.decision.verdict).toBe('undecided');
    expect(driver.editor.queue.documentOf(0)?.skeleton?.[0]?.x).toBe(NOSE);
    expect(driver.editor.queue.status().kind).toBe('saved');
  });

  it('is taken by whoever accepts, with where it came from', async () => {
    const driver = await opened(inferred([0, 1], 6, 3, [2]));
    driver.key('Space');
    driver.editor.queue.flush();
    await vi.waitFor(() => expect(driver.server.batches).toHaveLength(1));
    const [take, verdict] = driver.server.batches[0]?.operations ?? [];
    expect(take).toMatchObject({ type: 'takeEstimate', sources: [2], solve: 3 });
    expect(verdict).toMatchObject({ type: 'setVerdict', verdict: 'keep' });
    expect(driver.state.index).toBe(1);
    expect(driver.state.inferred?.frameId).toBe(1);
  });

  it('comes back as it was when the acceptance is undone, as one step', async () => {
    const driver = await opened(inferred([0], 6, 3));
    driver.key('Space').key('Mod+Z');
    expect(driver.state.index).toBe(0);
    expect(driver.state.document?.decision.verdict).toBe('undecided');
    expect(x(driver)).toBe(NOSE + 6);
    expect(driver.state.inferred).not.toBeNull();
    expect(driver.state.canUndo).toBeNull();
  });

  it('is taken by whoever drags a joint, in one step with the drag', async () => {
    const driver = await opened(inferred([0], 6, 3));
    driver
      .moveTo(NOSE + 6, INFANT[0]?.y ?? 0)
      .press()
      .moveTo(NOSE + 36, INFANT[0]?.y ?? 0)
      .release();
    expect(driver.state.inferred).toBeNull();
    expect(x(driver)).toBe(NOSE + 36);
    expect(driver.joint('left_wrist')?.x).toBe((INFANT[9]?.x ?? 0) + 6);
    driver.editor.queue.flush();
    await vi.waitFor(() => expect(driver.server.batches).toHaveLength(1));
    expect(driver.server.batches[0]?.operations.map((o) => o.type)).toEqual([
      'takeEstimate',
      'moveJoint',
    ]);
    driver.key('Mod+Z');
    expect(x(driver)).toBe(NOSE + 6);
  });

  it('is put back whole where a drag is given up', async () => {
    const driver = await opened(inferred([0], 6, 3));
    driver
      .moveTo(NOSE + 6, INFANT[0]?.y ?? 0)
      .press()
      .moveTo(NOSE + 36, INFANT[0]?.y ?? 0)
      .key('Escape');
    expect(x(driver)).toBe(NOSE + 6);
    expect(driver.state.inferred).not.toBeNull();
    expect(driver.editor.queue.status().kind).toBe('saved');
  });

  it('is left alone by a discard', async () => {
    const driver = await opened(inferred([0], 6, 3));
    driver.editor.perform(
      [{ type: 'setVerdict', verdict: 'discard', reason: 'motion_blur', text: null }],
      'Discard',
    );
    driver.editor.queue.flush();
    await vi.waitFor(() => expect(driver.server.batches).toHaveLength(1));
    expect(driver.server.batches[0]?.operations.map((o) => o.type)).toEqual(['setVerdict']);
    expect(x(driver)).toBe(NOSE);
  });

  it('gives way to the pre-label that somebody chooses', async () => {
    const driver = await opened(inferred([0], 6, 3));
    driver.editor.perform([{ type: 'chooseCandidate', candidateId: 7 }], 'Take the pre-label');
    expect(x(driver)).toBe(NOSE);
    expect(driver.state.inferred).toBeNull();
  });

  it('is not shown where it says what the pre-label says', async () => {
    const driver = await opened(inferred([0], 0, 3));
    expect(driver.state.inferred).toBeNull();
  });
});

describe('after a save', () => {
  it('neighbours follow at once', async () => {
    const driver = await opened();
    source.nearby = inferred([1, 2, 3], 9, 2);
    driver.key('Space');
    driver.editor.queue.flush();
    await vi.waitFor(() => expect(driver.state.inferred?.solve).toBe(2));
    expect(driver.state.index).toBe(1);
    expect(x(driver)).toBe(NOSE + 9);
    expect(source.asked).toContain('near 0');
  });

  it('a frame that a person touched never moves', async () => {
    const driver = await opened();
    driver.key('F');
    driver.editor.perform([{ type: 'moveJoint', joint: 0, x: 50, y: 60 }], 'Move nose');
    source.nearby = inferred([0, 1, 2, 3], 9, 2);
    driver.editor.queue.flush();
    await vi.waitFor(() => expect(source.asked).toContain('near 1'));
    driver.key('D');
    await vi.waitFor(() => expect(driver.state.inferred?.frameId).toBe(0));
    driver.key('F');
    expect(driver.state.inferred).toBeNull();
    expect(x(driver)).toBe(50);
  });

  it('an older answer that arrives late changes nothing', async () => {
    const driver = await opened(inferred([0], 6, 5));
    source.stored = inferred([0], 2, 4);
    driver.editor.travel.renewed();
    await vi.waitFor(() => expect(source.asked.filter((a) => a === 'around 0')).toHaveLength(2));
    expect(x(driver)).toBe(NOSE + 6);
  });

  it('what travelled is taken back from the screen as well', async () => {
    const driver = await opened(inferred([0], 6, 5));
    source.stored = NOTHING;
    driver.editor.travel.renewed();
    await vi.waitFor(() => expect(driver.state.inferred).toBeNull());
    expect(x(driver)).toBe(NOSE);
  });

  it('a server that does not answer costs nothing', async () => {
    const driver = await opened();
    source.near = async () => Promise.reject(new Error('no network'));
    driver.key('Space');
    driver.editor.queue.flush();
    await vi.waitFor(() => expect(driver.server.batches).toHaveLength(1));
    expect(driver.state.index).toBe(1);
    expect(x(driver)).toBe(NOSE);
  });
});

describe('the next question', () => {
  it('is one key away, with its most doubtful joint selected', async () => {
    const driver = await opened();
    source.next = {
      ready: true,
      frame_id: 3,
      joints: [9, 7],
      gain: 0.01,
      check: false,
      again: false,
    };
    driver.key('A');
    await vi.waitFor(() => expect(driver.state.index).toBe(3));
    expect(driver.state.selected).toBe(9);
  });

  it('says when a frame is asked to check by', async () => {
    const driver = await opened();
    source.next = { ready: true, frame_id: 3, joints: [], gain: 0, check: true, again: false };
    driver.key('A');
    await vi.waitFor(() => expect(driver.state.index).toBe(3));
    expect(driver.state.notice?.text).toContain('to check by');
  });

  it('leads back to an accepted frame, and accepting it once more is an answer', async () => {
    const driver = await opened();
    const first = driver.state.frames[0]?.id ?? null;
    const accepted = async (times: number) => {
      driver.editor.go(0);
      await vi.waitFor(() => expect(driver.editor.settled).toBe(true));
      driver.key('Space');
      driver.editor.queue.flush();
      await vi.waitFor(() => expect(driver.state.index).toBe(1));
      await vi.waitFor(() => expect(driver.server.batches).toHaveLength(times));
    };
    await accepted(1);
    await accepted(1); // nothing new is said
    source.next = { ready: true, frame_id: first, joints: [], gain: 0, check: false, again: true };
    driver.key('A');
    await vi.waitFor(() => expect(driver.state.index).toBe(0));
    expect(driver.state.notice?.text).toContain('look again');
    await accepted(2);
    await accepted(2);
  });

  it('is the next open frame while nothing is inferred yet', async () => {
    const driver = await opened();
    source.next = { ready: false, frame_id: null, joints: [], gain: 0, check: false, again: false };
    driver.key('A');
    await vi.waitFor(() => expect(driver.state.index).toBe(1));
    expect(driver.state.notice?.text).toContain('next open frame');
  });

  it('is none where every frame is decided', async () => {
    const driver = await opened();
    driver.key('A');
    await vi.waitFor(() => expect(driver.state.notice?.text).toContain('nothing is left to ask'));
    expect(driver.state.index).toBe(0);
  });

  it('follows an acceptance by one more key', async () => {
    const driver = await opened();
    source.next = { ready: true, frame_id: 3, joints: [], gain: 0.01, check: false, again: false };
    driver.key('Shift+A');
    await vi.waitFor(() => expect(driver.state.index).toBe(3));
    expect(driver.state.frames[0]?.state).toBe('accepted');
  });
});

describe('what hangs on a dragged joint', () => {
  const elbow = INFANT[7] ?? { x: 0, y: 0 };
  const wrist = INFANT[9] ?? { x: 0, y: 0 };

  it('stays where it is unless that is switched on', async () => {
    const driver = await opened(inferred([0], 0, 3));
    driver
      .moveTo(elbow.x, elbow.y)
      .press()
      .moveTo(elbow.x + 20, elbow.y)
      .release();
    expect(driver.joint('left_wrist')?.x).toBe(wrist.x);
    expect(driver.joint('left_elbow')?.x).toBe(elbow.x + 20);
  });

  it('moves with it by its share, as one step', async () => {
    const driver = await opened(inferred([0], 0, 3));
    driver.key('R');
    driver
      .moveTo(elbow.x, elbow.y)
      .press()
      .moveTo(elbow.x + 10, elbow.y)
      .moveTo(elbow.x + 20, elbow.y);
    driver.release();
    expect(driver.joint('left_wrist')?.x).toBeCloseTo(wrist.x + 14, 1);
    driver.key('Mod+Z');
    expect(driver.joint('left_wrist')?.x).toBe(wrist.x);
    expect(driver.joint('left_elbow')?.x).toBe(elbow.x);
  });

  it('stays where a person placed it', async () => {
    const driver = await opened(inferred([0], 0, 3));
    driver.editor.perform([{ type: 'moveJoint', joint: 9, x: 77, y: 88 }], 'Move wrist');
    driver.key('R');
    driver
      .moveTo(elbow.x, elbow.y)
      .press()
      .moveTo(elbow.x + 20, elbow.y)
      .release();
    expect(driver.joint('left_wrist')).toMatchObject({ x: 77, y: 88 });
  });
});
