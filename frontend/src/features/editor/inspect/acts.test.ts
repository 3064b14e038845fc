import { expect, it } from 'vitest';
import { COMPARE_ACTS, type Deeds, perform } from './acts';

const done: string[] = [];
const deeds: Deeds = Object.fromEntries(
  COMPARE_ACTS.map(({ id }) => id.slice('compare.'.length)).map((name) => [
    name,
    () => void done.push(name),
  ]),
);
const press = (id: string, how: { repeated?: boolean; marked?: boolean } = {}): string[] => {
  done.length = 0;
  perform([id], deeds, { repeated: false, marked: false, ...how });
  return [...done];
};

it('a key that is held passes over pictures that have a mark, and marks the others', () => {
  expect(press('compare.good')).toEqual(['good']);
  expect(press('compare.good', { repeated: true, marked: true })).toEqual(['next']);
  expect(press('compare.good', { repeated: true })).toEqual(['good']);
});

it('a key that is held says no reason and calls no joint wrong a second time', () => {
  expect(press('compare.reason.1', { repeated: true })).toEqual([]);
  expect(press('compare.wrong', { repeated: true })).toEqual([]);
  expect(press('compare.next', { repeated: true })).toEqual(['next']);
});

it('keys of the editor mean nothing here', () => {
  expect(perform(['accept'], deeds, { repeated: false, marked: false })).toBe(false);
});
