import { describe, expect, it } from 'vitest';
import { extentOf, jointsOf, regionAround } from './joints';
import { stepsOf } from './origins';
import type { JointOrigin } from './queries';

const person = (id: number, name: string) => ({ id, name });

const joint: JointOrigin = {
  joint: 9,
  x: 1,
  y: 2,
  visibility: 2,
  origin: 'model',
  model: 'rtmo-l',
  model_sha256: 'b37118ce20231211',
  simulated: false,
  changed_by: null,
  changed_in_version: 1,
  changed_in_round: 1,
  changed_at: '2026-11-01T10:00:00Z',
  accepted_by: person(1, 'Anna'),
  version: 2,
  round: 1,
  inspector: person(2, 'Ines'),
};

const told = (changes: Partial<JointOrigin>) =>
  stepsOf({ ...joint, ...changes }, 'Crawlers 1.0.0').map((step) => [step.what, step.who]);

describe('where a joint comes from', () => {
  it('is the model, who accepted it, who inspected it and the release', () => {
    expect(told({})).toEqual([
      ['Model', 'rtmo-l'],
      ['Frame accepted by', 'Anna'],
      ['Inspected by', 'Ines'],
      ['Frozen in', 'Crawlers 1.0.0'],
    ]);
    expect(stepsOf(joint, '')[0]?.more).toBe('checkpoint b37118ce2023');
  });

  it('names who moved it, with version and round', () => {
    const [model, placed] = stepsOf(
      { ...joint, origin: 'person', changed_by: person(3, 'Aron') },
      '',
    );
    expect(model?.more).toContain('a person moved it since');
    expect(placed).toMatchObject({ what: 'Placed by', who: 'Aron' });
    expect(placed?.more).toContain('version 1, round 1');
  });

  it('names a file, and has no model where none was chosen', () => {
    expect(told({ origin: 'file' })[0]).toEqual(['Imported', 'rtmo-l']);
    expect(told({ origin: 'absent', model: null })[0]?.[0]).toBe('Not present, said by');
  });
});

describe('the part of a picture', () => {
  const image = { width: 640, height: 480 };

  it('is the whole picture where nothing is in it', () => {
    expect(regionAround([], image, 1)).toEqual({ x: 0, y: 0, ...image });
  });

  it('stays inside at a corner, in its shape', () => {
    const region = regionAround([{ x: 0, y: 0, width: 60, height: 100 }], image, 2);
    expect(region).toEqual({ x: 0, y: 0, width: 260, height: 130 });
  });

  it('is centred on a picture that is smaller', () => {
    const region = regionAround([{ x: 0, y: 0, width: 640, height: 480 }], image, 4 / 3);
    expect(region.x).toBeCloseTo(-96);
    expect(region.width).toBeCloseTo(832);
  });

  it('holds the joints that are there', () => {
    const keypoints = [10, 20, 2, 0, 0, 0, 30, 25, 1];
    expect(jointsOf(keypoints)).toHaveLength(3);
    expect(extentOf(keypoints)).toEqual({ x: 10, y: 20, width: 20, height: 5 });
    expect(extentOf([0, 0, 0])).toBeNull();
    expect(extentOf(null)).toBeNull();
  });
});
