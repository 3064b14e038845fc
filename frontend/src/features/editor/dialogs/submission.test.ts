import { expect, it } from 'vitest';
import { frameItem } from '../testing/driver';
import { withInferred } from './submission';

it('counts kept frames with inferred joints apart, and none that was thrown away', () => {
  const frames = [
    frameItem(0, { state: 'accepted' }),
    frameItem(1, { state: 'corrected' }),
    frameItem(2, { state: 'discarded' }),
    frameItem(3, { state: 'accepted' }),
  ];
  const facts = { id: [0, 1, 2, 3, 9], propagated: [true, true, true, false, true] };
  expect(withInferred(frames, facts)).toBe(2);
});
