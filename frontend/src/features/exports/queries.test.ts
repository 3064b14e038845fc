import { describe, expect, it } from 'vitest';
import { ruleWords } from './queries';

describe('the rule by which joints are written unless another is asked for', () => {
  it.each([
    [
      { pixels: 'index', imported: {}, here: 3 },
      'the centre of the first pixel, as in COCO: these recordings were labelled here.',
    ],
    [
      { pixels: 'continuous', imported: { continuous: 1 }, here: 0 },
      'the outer corner of the first pixel, as this recording was imported.',
    ],
    [
      { pixels: 'continuous', imported: { continuous: 2 }, here: 1 },
      'the outer corner of the first pixel, as 2 recordings of these were imported; the others were labelled here.',
    ],
    [
      { pixels: 'index', imported: { continuous: 2, index: 1 }, here: 0 },
      'the centre of the first pixel, as in COCO: these recordings were imported by different rules.',
    ],
  ] as const)('is said for %j', (rule, words) => {
    expect(ruleWords(rule)).toBe(`Joints are measured from ${words}`);
  });
});
