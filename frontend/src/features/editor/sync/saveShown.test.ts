import { describe, expect, it } from 'vitest';
import type { WaitingComment } from './comments';
import { namedUnsaved, saveShown } from './saveShown';

const letter = (parts: Partial<WaitingComment> = {}): WaitingComment => ({
  operationId: 'a',
  userId: 1,
  recordingId: 1,
  frameId: 5,
  joint: null,
  body: 'Look at the wrist.',
  createdAt: 0,
  refused: null,
  held: null,
  ...parts,
});

describe('what the corner says', () => {
  it('is saved only if no comment waits', () => {
    expect(saveShown({ kind: 'saved' }, [])).toEqual({ kind: 'saved' });
    expect(saveShown({ kind: 'saved' }, [letter()])).toEqual({ kind: 'saving', changes: 1 });
  });

  it('counts the comments that could not be sent', () => {
    const held = letter({ held: 'unreachable' });
    expect(saveShown({ kind: 'saved' }, [held])).toEqual({
      kind: 'offline',
      changes: 0,
      comments: 1,
    });
    expect(saveShown({ kind: 'offline', changes: 2 }, [held])).toEqual({
      kind: 'offline',
      changes: 2,
      comments: 1,
    });
    expect(saveShown({ kind: 'saved' }, [letter({ held: 'signed-out' })]).kind).toBe('signed-out');
  });

  it('leads to the frame of a refused comment', () => {
    const refused = letter({ refused: 'It is approved.' });
    expect(saveShown({ kind: 'saved' }, [refused])).toEqual({
      kind: 'comment-refused',
      frames: [5],
    });
  });

  it('puts changes that a person must decide before comments', () => {
    const conflict = { kind: 'conflict', changes: 1, frames: [3] } as const;
    expect(saveShown(conflict, [letter({ held: 'unreachable' })])).toBe(conflict);
  });

  it('names changes and comments', () => {
    expect(namedUnsaved(2, 1)).toBe('2 changes and 1 comment');
    expect(namedUnsaved(0, 2)).toBe('2 comments');
    expect(namedUnsaved(0, 0)).toBe('0 changes');
  });

  it('of whole acts says that they wait, where, and that they were refused', () => {
    const saved = { kind: 'saved' } as const;
    const act = { refused: null, held: null };
    expect(saveShown(saved, [], [])).toBe(saved);
    expect(saveShown(saved, [], [act, act])).toEqual({ kind: 'saving', changes: 2 });
    expect(saveShown(saved, [], [{ ...act, held: 'unreachable' }])).toMatchObject({
      kind: 'offline',
      changes: 1,
    });
    expect(saveShown(saved, [], [{ ...act, refused: 'It is approved.' }, act])).toEqual({
      kind: 'act-refused',
      acts: 1,
      message: 'It is approved.',
    });
    const conflict = { kind: 'conflict', frames: [5] } as const;
    expect(saveShown(conflict as never, [], [act])).toBe(conflict);
  });
});
