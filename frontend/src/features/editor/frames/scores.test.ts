import { expect, it } from 'vitest';
import { isUnscored } from './scores';

it('takes scores of one everywhere for none', () => {
  expect(isUnscored({ score: 1, scores: [1, 0, 1] })).toBe(true);
  expect(isUnscored({ score: 0.98, scores: [1, 1, 1] })).toBe(false);
  expect(isUnscored({ score: 1, scores: [1, 0.4, 1] })).toBe(false);
});
