import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { ApiProblem, NetworkProblem } from '@/shared/api/problem';
import type { Comparison } from '@/shared/api/types';
import { type Word, type WordLetter, WordQueue, wordsKept, wordsOf } from './letters';
import { spoken } from './useWords';

let name = 0;

function open(database: string, send: (letter: WordLetter) => Promise<void>) {
  return new WordQueue({ send, memory: wordsKept(database), userId: 1 });
}

const wrong: Word = { kind: 'joints', frameId: 5, round: 1, wrong: [9], right: [] };
const good: Word = { kind: 'mark', frameId: 6, mark: 'good' };

describe('what an inspector said', () => {
  it('outlives a closed tab, and is sent in the order in which it was said', async () => {
    const database = `inspection-${++name}`;
    const first = open(database, async () => {
      throw new NetworkProblem(null);
    });
    await first.add({ recordingId: 1, word: wrong });
    await first.add({ recordingId: 1, word: good });
    first.close();
    const sent: Word[] = [];
    const second = open(database, async ({ word }) => {
      sent.push(word);
    });
    expect(await second.restore()).toBe(2);
    await second.drained(1);
    expect(sent).toEqual([wrong, good]);
    second.close();
  });

  it('stands in the way of a decision while it is refused', async () => {
    const queue = open(`inspection-${++name}`, async () => {
      throw new ApiProblem(409, { detail: 'This is round 2.' });
    });
    await queue.add({ recordingId: 1, word: wrong });
    await expect(queue.drained(1)).rejects.toThrow('still waiting');
    await expect(queue.drained(2)).resolves.toBeUndefined();
    queue.close();
  });
});

describe('what is shown before the server has it', () => {
  const before = {
    mark: null,
    marks: { round: 1, wrong: [], right: [5], mark: null },
  } as unknown as Comparison;

  it('sends a frame back with its wrong joints, and takes that back with them', () => {
    const back = spoken(before, { ...wrong, right: [5] } as Word);
    expect([back.mark, back.marks.wrong, back.marks.right]).toEqual(['revise', [9], [5]]);
    expect(spoken(back, { ...wrong, wrong: [], right: [5, 9] } as Word).mark).toBeNull();
  });

  it('has no wrong joints on a frame that is called good', () => {
    const back = spoken(before, wrong);
    const now = spoken(back, { kind: 'mark', frameId: 5, mark: 'good' });
    expect([now.mark, now.marks.wrong]).toEqual(['good', []]);
  });
});

it('every page of a tab has the same queue, and another person another', () => {
  expect(wordsOf(1)).toBe(wordsOf(1));
  expect(wordsOf(2)).not.toBe(wordsOf(1));
});
