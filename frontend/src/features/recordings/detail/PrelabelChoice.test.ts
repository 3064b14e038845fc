import { describe, expect, it } from 'vitest';
import type { Weight } from '@/shared/api/types';
import { bestWeight, boxSources } from './PrelabelChoice';

const weight = (name: string, takes: Weight['takes'], rest: Partial<Weight> = {}) =>
  ({ name, takes, in_use: false, demonstration: false, ...rest }) as Weight;

const sources = (...present: Weight[]) =>
  boxSources({ loading: false, present, best: undefined, installed: true, device: 'cpu' });

describe('what finds the people for a model that takes boxes', () => {
  it('is first what is used by default, then others, at last the whole picture', () => {
    const found = sources(
      weight('demo', 'image', { demonstration: true }),
      weight('hrnet-w32', 'boxes'),
      weight('rtmo-s', 'image'),
      weight('rtmo-l', 'image', { in_use: true }),
    );
    expect(found).toEqual(['rtmo-l', 'demo', 'rtmo-s', 'whole picture']);
  });

  it('is the whole picture where nothing finds people', () => {
    expect(sources(weight('hrnet-w32', 'boxes'))).toEqual(['whole picture']);
  });
});

describe('what is chosen beforehand', () => {
  const demonstration = weight('rtmo-t-demo', 'image', { demonstration: true });

  it('is the demonstration model on a recording of the demo, and on no other', () => {
    expect(bestWeight([demonstration], true)).toBe(demonstration);
    expect(bestWeight([demonstration], false)).toBeUndefined();
  });

  it('is a full model wherever one is here', () => {
    const full = weight('rtmo-s', 'image');
    expect(bestWeight([demonstration, full], true)).toBe(full);
    expect(bestWeight([demonstration, full], false)).toBe(full);
  });

  it('is on the demo the demonstration model before all else that comes with the product', () => {
    const packaged = weight('blazepose-heavy', 'image', { in_use: true, origin: 'shipped' });
    expect(bestWeight([packaged, demonstration], true)).toBe(demonstration);
    expect(bestWeight([packaged, demonstration], false)).toBe(packaged);
  });
});
