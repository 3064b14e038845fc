import { expect, it } from 'vitest';
import { camerasOffInWords, checkedInWords, offInWords } from './words';

it('an expected error says on how many frames it was checked', () => {
  expect(checkedInWords({ checked: 0, checks: 5 })).toBe('not checked yet');
  expect(checkedInWords({ checked: 2, checks: 5 })).toBe('checked on 2 of 5 frames');
  expect(checkedInWords({ checked: 7, checks: 5 })).toBe('checked on 7 frames');
});

it('labels that are off in all frames are named with their length', () => {
  expect(offInWords(null)).toBeNull();
  expect(offInWords(8.42)).toContain('about 8.4 px');
  expect(offInWords(23.6)).toContain('about 24 px');
});

it('cameras that are off are named with their pixels', () => {
  const cameras = [
    { id: 4, name: 'left' },
    { id: 7, name: 'right' },
  ];
  expect(camerasOffInWords([], cameras)).toBeNull();
  expect(camerasOffInWords([{ camera_id: 7, px: 3.14 }], cameras)).toContain('right by 3.1 px.');
});
