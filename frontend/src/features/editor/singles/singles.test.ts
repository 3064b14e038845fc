import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../actions/registry';
import { isAllowedAlone } from './allowed';
import { standingWords, words } from './words';

const told = {
  verdict_agrees: true,
  oks: 0.95,
  px: Array.from({ length: 17 }, (_, i) => (i === 9 ? 7.25 : 0)),
  same_visibility: Array.from({ length: 17 }, (_, i) => i !== 3),
  known_verdict: 'keep' as const,
  known_reason: null,
  known_joints: null,
  standing: { frames: 2, of: 4, oks: 0.95, visibility: 0.9, reached: false },
  passed: false,
};

describe('A frame that is annotated alone', () => {
  test.each([
    'comment',
    'finish',
    'history',
    'pose.before',
    'range.from',
    'play.toggle',
    'posture.mode',
    'suspicion.wave',
    'travel.ask',
    'views.accept',
    'next.notMine',
    'proposal.take',
  ])('knows nothing of what lies around it: %s', (id) => {
    expect(ACTIONS.some((action) => action.id === id)).toBe(true);
    expect(isAllowedAlone(id)).toBe(false);
  });

  test.each(['accept', 'discard', 'joint.visible', 'swap', 'tool.select', 'zoom.infant', 'undo'])(
    'is corrected like any other: %s',
    (id) => expect(isAllowedAlone(id)).toBe(true),
  );
});

describe('What training says of a frame', () => {
  test('names the farthest joint and how many have another visibility', () => {
    const said = words(told, { min_oks: 0.9 });
    expect(said.title).toBe('Similarity 0.95');
    expect(said.text).toMatch(/left wrist, 7.3 px. 1 joint with another visibility/i);
    expect(said.good).toBe(true);
  });

  test('says that the standard is not met', () => {
    expect(words(told, { min_oks: 0.97 }).title).toBe('Similarity 0.95, not there yet');
  });

  test('says that the frame should have been thrown away', () => {
    const other = { ...told, verdict_agrees: false, oks: 0, known_verdict: 'discard' as const };
    expect(words(other, { min_oks: 0.9 })).toMatchObject({
      title: 'This frame is discarded',
      good: false,
    });
  });

  test('counts towards the standard', () => {
    expect(standingWords(told.standing)).toBe('2 of 4 frames that count.');
    expect(standingWords({ ...told.standing, frames: 4 })).toMatch(/^Not reached yet/);
    expect(standingWords({ ...told.standing, reached: true })).toMatch(/^The standard is reached/);
  });
});
