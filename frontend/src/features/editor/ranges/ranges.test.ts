import { beforeEach, describe, expect, it } from 'vitest';
import type { DiscardProposal } from '@/shared/api/types';
import { Driver, frameItem } from '../testing/driver';
import { endsOf, extended, framesIn, NO_MARKS, runsOf, withMark } from './marks';

const FOUR = [0, 1, 2, 3, 4, 5, 6, 7].map((id) =>
  frameItem(id, { camera_id: id < 4 ? 1 : 2, moment_index: id % 4 }),
);
const ORDER = [0, 1, 2, 3, 4, 5, 6, 7];

describe('marks', () => {
  it('hold this camera only, or all cameras of the moments, whichever came first', () => {
    const marks = withMark(withMark(NO_MARKS, 'from', 6), 'to', 5);
    expect(framesIn(marks, FOUR, ORDER)).toEqual([5, 6]);
    expect(framesIn({ ...marks, scope: 'moments' }, FOUR, ORDER)).toEqual([1, 2, 5, 6]);
  });

  it('leave out what a filter hides', () => {
    const marks = withMark(withMark(NO_MARKS, 'from', 0), 'to', 3);
    expect(framesIn(marks, FOUR, [0, 3, 4])).toEqual([0, 3]);
  });

  it('begin where Shift was first held, and go back as well', () => {
    let marks = extended(NO_MARKS, 2, 3);
    expect([marks.from, marks.to]).toEqual([2, 3]);
    marks = extended(marks, 3, 2);
    marks = extended(marks, 2, 1);
    expect([marks.from, marks.to]).toEqual([2, 1]);
    // Somewhere else by then: another range.
    expect(extended(marks, 5, 6)).toMatchObject({ from: 5, to: 6 });
  });

  it('have two ends in one camera, in order of time, or none', () => {
    const ends = (from: number, to: number) =>
      endsOf({ ...NO_MARKS, from, to }, FOUR)?.map(({ id }) => id) ?? null;
    expect(ends(3, 1)).toEqual([1, 3]);
    expect(ends(2, 2)).toBeNull();
    expect(ends(2, 6)).toBeNull();
  });

  it('are drawn as brackets over neighbours', () => {
    expect(runsOf([3, 4, 5, 9], new Set([3, 4, 9]))).toEqual([
      [0, 1],
      [3, 3],
    ]);
  });
});

let driver: Driver;
const states = () => driver.state.frames.map(({ state }) => state);
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const mark = (from: number, to: number) => {
  driver.editor.go(from);
  driver.editor.ranges.mark('from');
  driver.editor.go(to);
  driver.editor.ranges.mark('to');
};
const undecided = (n: number) => Array(n).fill('undecided');

beforeEach(async () => {
  driver = await Driver.open({ frames: 8 });
});

describe('an act on a range', () => {
  it('is shown at once, sent as one, and takes over the versions', async () => {
    mark(2, 4);
    driver.editor.ranges.discard('lighting', null);
    expect(states().slice(2, 5)).toEqual(['discarded', 'discarded', 'discarded']);
    await settled();
    const [letter] = driver.ranges.letters;
    expect(letter).toMatchObject({ frames: [2, 3, 4], versions: [1, 1, 1] });
    expect(driver.state.frames[3]).toMatchObject({ version: 2, reason: 'lighting' });
    expect(driver.editor.ranges.state.marks.from).toBeNull();
  });

  it('is taken back and done again as one step', async () => {
    mark(1, 6);
    driver.editor.ranges.keep();
    await settled();
    driver.key('Mod+Z');
    expect(states()).toEqual(undecided(8));
    await settled();
    expect(states()).toEqual(undecided(8));
    driver.key('Mod+Y');
    await settled();
    expect(states().slice(1, 7)).toEqual(Array(6).fill('accepted'));
    expect(driver.ranges.letters.map(({ act }) => act.kind)).toEqual(['verdict', 'undo', 'undo']);
    driver.key('Mod+Z');
    await settled();
    expect(driver.ranges.at(4)).toMatchObject({ state: 'undecided', version: 5 });
  });

  it('lets a later edit of a frame be undone first', async () => {
    mark(1, 3);
    driver.editor.ranges.discard('duplicate', null);
    await settled();
    driver.editor.go(5);
    driver.editor.perform([{ type: 'setVerdict', verdict: 'keep' }], 'Accept');
    driver.key('Mod+Z');
    expect(states()[5]).toBe('undecided');
    expect(states()[2]).toBe('discarded');
    driver.editor.go(2);
    driver.key('Mod+Z');
    await settled();
    expect(states()).toEqual(undecided(8));
  });

  it('leaves what somebody changed meanwhile, names it, and shows it as it is', async () => {
    const theirs = { version: 4, state: 'accepted', reason: null, fps: null } as const;
    driver.ranges.frames.set(3, theirs);
    mark(2, 4);
    driver.editor.ranges.discard('lighting', null);
    await settled();
    expect(states().slice(2, 5)).toEqual(['discarded', 'accepted', 'discarded']);
    expect(driver.editor.ranges.state.left).toContain('frame 4 (changed by Ben meanwhile)');
  });

  it('waits on this computer while the server is away, and is drawn as waiting', async () => {
    driver.ranges.mode = 'down';
    mark(0, 1);
    driver.editor.ranges.discard('lighting', null);
    await settled();
    expect(driver.editor.ranges.state.waiting).toMatchObject([{ held: 'unreachable' }]);
    expect(states().slice(0, 2)).toEqual(['discarded', 'discarded']);
    driver.ranges.mode = 'up';
    driver.editor.ranges.retry();
    await settled();
    await settled();
    expect(driver.editor.ranges.state.waiting).toEqual([]);
    expect(driver.ranges.letters).toHaveLength(1);
  });

  it('sends what was changed in a frame and not yet saved as read', async () => {
    driver.editor.perform([{ type: 'setVerdict', verdict: 'keep' }], 'Accept');
    driver.editor.ranges.mark('from');
    driver.editor.ranges.discard('lighting', null);
    await settled();
    expect(driver.ranges.letters[0]?.versions).toEqual([null]);
  });
});

describe('a proposed range', () => {
  const proposed = (id: number, first: number, last: number): DiscardProposal => ({
    id,
    camera_id: 1,
    first,
    last,
    reason: 'motion_blur',
    score: 0.9,
    words: 'blurred',
    state: 'open',
    decided_by: null,
  });

  it('is taken by one key, refused by another, and the next one follows', async () => {
    driver.editor.ranges.api.setState({ proposals: [proposed(1, 1, 2), proposed(2, 5, 6)] });
    driver.key('Shift+N');
    expect(driver.state.index).toBe(1);
    driver.key('Shift+Y');
    expect(states().slice(1, 3)).toEqual(['discarded', 'discarded']);
    expect(driver.state.index).toBe(5);
    driver.key('Alt+Y');
    await settled();
    const acts = driver.ranges.letters.map(({ act }) => act);
    expect(acts).toMatchObject([
      { kind: 'verdict', reason: 'motion_blur', proposalId: 1 },
      { kind: 'proposal', id: 2, state: 'refused' },
    ]);
    expect(driver.editor.ranges.open).toEqual([]);
  });
});
