import { describe, expect, it } from 'vitest';
import { KEEP, NOBODY, orderFor, ROTATION } from './assigning';

describe('what is ordered for the chosen recordings', () => {
  it('names a person, and leaves out what stays', () => {
    expect(orderFor([4, 7], '12', KEEP)).toEqual({
      recording_ids: [4, 7],
      in_rotation: false,
      annotator_id: 12,
    });
  });

  it('takes recordings from whoever has them', () => {
    expect(orderFor([4], NOBODY, NOBODY)).toEqual({
      recording_ids: [4],
      in_rotation: false,
      annotator_id: null,
      inspector_id: null,
    });
  });

  it('deals them out, with one inspector for all', () => {
    expect(orderFor([4], ROTATION, '3')).toEqual({
      recording_ids: [4],
      in_rotation: true,
      inspector_id: 3,
    });
  });
});
