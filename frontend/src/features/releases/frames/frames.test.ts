import { describe, expect, it } from 'vitest';
import { conditionsOf } from './conditions';
import { asked, frameSearch } from './search';

describe('the address of a list of frames', () => {
  it('keeps what it can read and forgets the rest', () => {
    expect(
      frameSearch({
        split: 'val',
        months: '7',
        joint: 9,
        visibility: 'occluded',
        box: 12,
        fitted: 1,
      }),
    ).toMatchObject({ split: 'val', months: 7, joint: 9, visibility: 'occluded' });
    expect(frameSearch({ box: 12, months: 2.5, joint: 'nose', reason: 'bad mood' })).toEqual(
      frameSearch({}),
    );
  });

  it('knows infants in no split by the empty name, and unknown ages by -1', () => {
    expect(frameSearch({ split: '' }).split).toBe('');
    expect(frameSearch({ months: -1 }).months).toBe(-1);
  });

  it('has no visibility without a joint', () => {
    expect(frameSearch({ visibility: 'absent' }).visibility).toBeUndefined();
  });

  it('asks for numbers by the names of the server, and not for the frame that is open', () => {
    expect(asked({ recording: 3, frame: 9, box: 0 })).toEqual({
      recording_id: 3,
      infant_id: undefined,
      age_group: undefined,
      box: 0,
    });
  });
});

describe('conditions in words', () => {
  it('each say how the list would be without them', () => {
    const [joint, box] = conditionsOf({ joint: 9, visibility: 'absent', box: 0, frame: 4 });
    expect(joint?.words).toBe('Left wrist not present');
    expect(joint?.without).toMatchObject({ joint: undefined, visibility: undefined, box: 0 });
    expect(box?.words).toBe('Box 0–10 % of the image');
    expect(box?.without).toMatchObject({ joint: 9, visibility: 'absent', frame: undefined });
  });

  it('name ages and sex as the table of splits does', () => {
    const search = frameSearch({ ages: '6 to 9 months', sex: 'unknown', split: 'val' });
    expect(conditionsOf(search).map((c) => c.words)).toEqual([
      'Split: val',
      'Age 6 to 9 months',
      'Sex not recorded',
    ]);
    expect(asked(search)).toMatchObject({ age_group: '6 to 9 months', sex: 'unknown' });
  });

  it('name discarded frames first', () => {
    expect(conditionsOf({ split: '', reason: 'motion_blur' }).map((c) => c.words)).toEqual([
      'Discarded: Motion blur',
      'Split: no split yet',
    ]);
  });
});
