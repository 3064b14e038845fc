import { expect, test } from 'vitest';
import { framesOf } from './range';

const frames = [1, 2, 3, 4, 5, 6].map((id) => ({
  id,
  camera_id: id % 2,
  position: Math.floor((id - 1) / 2),
}));

test('a remark on a range is about all of its camera’s frames from the first to the last', () => {
  expect(framesOf({ frame_id: 1, until_frame_id: 3 }, frames)).toEqual([1, 3]);
});

test('a remark without an end is about its frame alone, also where that is not listed', () => {
  expect(framesOf({ frame_id: 9, until_frame_id: null }, frames)).toEqual([9]);
});
