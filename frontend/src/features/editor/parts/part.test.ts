import { describe, expect, test } from 'vitest';
import type { RecordingPart } from '@/shared/api/types';
import { submission } from '../dialogs/submission';
import { Driver, frameItem } from '../testing/driver';
import { isInPart, ownParts, partAt, partWords, whyOutside } from './part';

const part = (index: number, person: number, submitted = false): RecordingPart => ({
  id: 10 + index,
  index,
  first: 4 * index,
  last: 4 * index + 3,
  person: { id: person, name: 'somebody' },
  submitted_at: submitted ? '2026-11-20T12:00:00Z' : null,
  frames: 4,
  undecided: 4,
  start_position: 4 * index,
  last_saved_at: null,
});

const PARTS = [part(0, 1), part(1, 2), part(2, 1, true), part(3, 1)];

describe('A recording in parts', () => {
  test('has those of a person that they did not submit yet', () => {
    expect(ownParts(PARTS, 1).map(({ number }) => number)).toEqual([1, 4]);
  });

  test('shows the part that the frame lies in, else the one before, else the first', () => {
    const own = ownParts(PARTS, 1);
    const [first, last] = own;
    expect(partAt(own, frameItem(13), null)).toBe(last);
    expect(partAt(own, frameItem(5), last ?? null)).toBe(last);
    expect(partAt(own, frameItem(5), null)).toBe(first);
    expect(partAt([], frameItem(5), null)).toBeNull();
  });

  test('names its frames as people count them', () => {
    const [, last] = ownParts(PARTS, 1);
    if (last === undefined) throw new Error('there is none');
    expect(partWords(last, false)).toBe('part 4 of 4, frames 13–16');
    expect(isInPart(frameItem(16), last)).toBe(false);
    expect(whyOutside(frameItem(5), last)).toMatch(/somebody else corrects it/);
    expect(whyOutside(frameItem(12), last)).toBeNull();
  });
});

describe('In one’s own part', () => {
  const own = { id: 11, number: 2, of: 3, first: 2, last: 3 };

  test('keys stay within it, and nothing else can be changed', async () => {
    const driver = await Driver.open({ frames: 6 });
    driver.editor.set({ part: own });
    driver.editor.walk.setFilter('all');
    driver.editor.go(2);
    driver.key('F');
    expect(driver.state.index).toBe(3);
    driver.key('F');
    expect(driver.state.index).toBe(3);
    driver.editor.go(5);
    driver.key('Space');
    expect(driver.state.document?.decision.verdict).toBe('undecided');
    expect(driver.state.notice?.text).toMatch(/outside of your part/);
  });

  test('only its frames have to be decided before it is submitted', async () => {
    const driver = await Driver.open({ frames: 6 });
    const { recording, frames } = driver.state;
    expect(submission(recording, frames, own).missing).toEqual([2, 3]);
    expect(submission(recording, frames).missing).toHaveLength(6);
  });
});
