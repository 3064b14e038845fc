import { QueryClient } from '@tanstack/react-query';
import { describe, expect, test, vi } from 'vitest';
import type { RecordingPart } from '@/shared/api/types';
import { submission } from '../dialogs/submission';
import { Driver, frameItem } from '../testing/driver';
import { isInPart, ownParts, partAt, partsNews, partWords, whyOutside } from './part';
import { watchParts } from './watchParts';

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

describe('A recording that is cut while somebody works in it', () => {
  test('is told to the open editor, which keeps to the person’s part from then on', async () => {
    const driver = await Driver.open({ frames: 6 });
    const client = new QueryClient();
    let parts: RecordingPart[] = [];
    let reread = 0;
    const queryKey = ['recordings', 1, 'parts'] as const;
    const stop = watchParts(driver.editor, false, {
      client,
      queryKey,
      queryFn: async () => parts,
      reread: async () => reread++,
    });
    await vi.waitFor(() => expect(client.getQueryData(queryKey)).toEqual([]));
    driver.editor.go(5);
    parts = [
      { ...part(0, 1), first: 0, last: 2 },
      { ...part(1, 2), first: 3, last: 5 },
    ];
    await client.invalidateQueries({ queryKey: ['recordings'] });
    expect(driver.state.notice?.text).toMatch(/was cut into parts: yours is 1–3/);
    expect(reread).toBe(1);
    driver.key('Space');
    expect(driver.state.document?.decision.verdict).toBe('undecided');
    expect(driver.state.notice?.text).toMatch(/outside of your part \(1–3\)/);
    stop();
  });

  test('says who has none of the parts, and what was joined', () => {
    expect(partsNews([], PARTS, 9)).toMatch(/none of them is yours/);
    expect(partsNews(PARTS, [], 1)).toMatch(/one piece again/);
    expect(
      partsNews(
        PARTS,
        PARTS.map((one) => ({ ...one, undecided: 0 })),
        1,
      ),
    ).toBeNull();
  });

  test('shows a save that the server refuses at its frame, keeps the work, and saves it later', async () => {
    const driver = await Driver.open({ frames: 4 });
    driver.server.refuses = 'This is in part 2, which Bob corrects.';
    driver.key('Space');
    expect(driver.state.frames[0]?.state).toBe('accepted');
    await vi.waitFor(() => expect(driver.state.refused).toEqual([0]));
    expect(driver.state.frames[0]?.state).toBe('undecided');
    expect(driver.state.notice?.text).toMatch(/Frame 1 not saved. This is in part 2/);
    expect(driver.editor.queue.pendingOf(0)).toBe(1);
    driver.server.refuses = null;
    driver.editor.queue.retry();
    await vi.waitFor(() => expect(driver.state.save.kind).toBe('saved'));
    expect(driver.state.refused).toEqual([]);
    expect(driver.state.frames[0]?.state).toBe('accepted');
  });
});
