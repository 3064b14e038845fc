import { describe, expect, it } from 'vitest';
import { prelabelOrigin } from './prelabelOrigin';

const demo = { is_demo: true, prelabel_model: 'rtmo-t-demo', prelabels_simulated: false };

describe('where the pre-labels of the demo come from', () => {
  it('names the small model where it made them', () => {
    expect(prelabelOrigin(demo)).toMatch(/small model/);
    expect(prelabelOrigin(demo)).not.toMatch(/simulated/);
  });

  it('says simulated where they are', () => {
    const simulated = {
      ...demo,
      prelabel_model: 'simulated pre-labels',
      prelabels_simulated: true,
    };
    expect(prelabelOrigin(simulated)).toMatch(/simulated/);
    expect(prelabelOrigin(simulated)).not.toMatch(/model/);
  });

  it('names another model that was run since', () => {
    expect(prelabelOrigin({ ...demo, prelabel_model: 'rtmo-l' })).toMatch(/come from rtmo-l\./);
  });

  it('says nothing before there are any, or of other recordings', () => {
    expect(prelabelOrigin({ ...demo, prelabel_model: null })).toBeNull();
    expect(prelabelOrigin({ ...demo, is_demo: false })).toBeNull();
  });
});
