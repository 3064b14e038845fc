import { expect, it } from 'vitest';
import type { Round } from '@/shared/api/types';
import { returnNote } from './returnNote';

const round = (id: number, parts: Partial<Round>) => ({ id, note: null, ...parts }) as Round;
const returned = (id: number, note: string | null) =>
  round(id, { decision: 'returned', note, inspector: { id: 9, name: 'Ines' } });

it('the annotator is shown what was written with the last return', () => {
  const rounds = [returned(4, 'two elbows'), returned(2, 'earlier'), round(5, { decision: null })];
  expect(returnNote({ stage: 'returned', rounds })).toEqual({
    id: 4,
    by: 'Ines',
    note: 'two elbows',
  });
});

it('nothing is shown of a return without a note, nor once it is submitted again', () => {
  expect(returnNote({ stage: 'returned', rounds: [returned(4, null)] })).toBeNull();
  expect(returnNote({ stage: 'inspecting', rounds: [returned(4, 'two elbows')] })).toBeNull();
});
