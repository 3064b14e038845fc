import { expect, describe as group, it } from 'vitest';
import { EVENTS } from '@/shared/domain/rules.gen';
import { describe, noteOf, stageOf } from './activity';

const entry = (action: string, details: Record<string, unknown> = {}) => ({ action, details });

group('an entry of the log', () => {
  it('has a sentence for every event of the stage machine', () => {
    for (const event of EVENTS) {
      expect(describe(entry('stage_changed', { event }))).not.toMatch(/_/);
    }
  });

  it('names the stage that it led to', () => {
    const returned = entry('stage_changed', { event: 'return', to: 'returned', note: 'Noses.' });
    expect(stageOf(returned)).toBe('returned');
    expect(noteOf(returned)).toBe('Noses.');
  });

  it('says who was assigned, and to what', () => {
    const assigned = entry('assigned', { annotator: 'Anna', inspector: null });
    expect(describe(assigned)).toBe('assigned Anna to annotate and nobody to inspect');
  });

  it('of cameras, fits and boxes reads as a sentence after the name of who did it', () => {
    expect(describe(entry('calibration_added', { version: 2 }))).toBe(
      'added version 2 of the cameras’ calibration',
    );
    expect(describe(entry('calibration_chosen', { version: null }))).toBe(
      'took the cameras’ calibration out of use',
    );
    expect(describe(entry('fits_judged', { status: 'verified', fits: 18 }))).toBe(
      'verified 18 body fits',
    );
    expect(describe(entry('scans_added', { camera: 'top', files: 2 }))).toBe('added 2 scans');
    expect(describe(entry('approved_remaining_boxes', { boxes: 1 }))).toBe(
      'approved the other 1 box',
    );
  });

  it('of a kind that is not known here is still readable', () => {
    expect(describe(entry('mask_made_again'))).toBe('mask made again');
    expect(stageOf(entry('mask_made_again', { to: 'approved' }))).toBeNull();
  });
});
