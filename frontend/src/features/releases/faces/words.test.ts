import { describe, expect, it } from 'vitest';
import { recordingOf } from './NextSteps';
import type { Standing } from './queries';
import { drawn, fewerThan, standingWords } from './words';

const check = { id: 1, by: null, created_at: '2026-11-01T10:00:00Z', images: 40, grounds: [] };
const mark = { path: 'a', ground: 'nobody', why: 'a mirror', by: null, created_at: '' };
const standing = (change: Partial<Standing> = {}): Standing => ({
  checks: [],
  marks: [],
  ...change,
});

describe('the sample of faces', () => {
  it('is unseen, confirmed, or bad, and one bad image outweighs every confirmation', () => {
    expect(standingWords(standing())).toBe('Nobody has looked through the sample yet.');
    expect(standingWords(standing({ checks: [check] }))).toBe(
      'Nobody could be recognised in 40 images of the sample.',
    );
    expect(standingWords(standing({ checks: [check], marks: [mark] }))).toBe(
      '1 image of the sample is marked: somebody could be recognised.',
    );
  });

  it('says how many of all images of a ground it holds', () => {
    expect(drawn({ ground: 'nobody', of: 812, images: ['a', 'b'] })).toBe('2 of 812 images');
  });

  it('says as the guide does how sure a look makes', () => {
    expect(fewerThan(40)).toBe('7.3 %');
    expect(fewerThan(5)).toBe('46 %');
    expect(fewerThan(0)).toBe('');
  });

  it('leads from a file to the recording that it is of', () => {
    expect(recordingOf('images/inf-7/r00031/c01/000012.png')).toBe(31);
    expect(recordingOf('README.md')).toBeNull();
  });
});
