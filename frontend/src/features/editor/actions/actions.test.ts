// @vitest-environment jsdom

import { describe, expect, it, vi } from 'vitest';
import { Driver, INFANT } from '../testing/driver';
import { accept, discard } from './edits';
import { keyOf, namesOf, showKey } from './keys';
import { ACTIONS } from './registry';

const press = (init: KeyboardEventInit) => keyOf(new KeyboardEvent('keydown', init));

describe('key names', () => {
  it.each([
    [{ key: ' ' }, 'Space'],
    [{ key: 'f' }, 'F'],
    [{ key: 'F', shiftKey: true }, 'Shift+F'],
    [{ key: 'z', ctrlKey: true }, 'Mod+Z'],
    [{ key: 'Z', metaKey: true, shiftKey: true }, 'Mod+Shift+Z'],
    [{ key: '?', shiftKey: true }, '?'],
    [{ key: 'ArrowLeft', shiftKey: true }, 'Shift+Left'],
    [{ key: 'Tab', shiftKey: true }, 'Shift+Tab'],
    [{ key: '+', shiftKey: true }, '+'],
  ])('%o is %s', (init, name) => {
    expect(press(init)).toBe(name);
  });

  it.each([
    ['AZERTY, 1 without Shift', { key: '&', code: 'Digit1' }, ['&', '1']],
    ['AZERTY, 1 with Shift', { key: '1', code: 'Digit1', shiftKey: true }, ['1']],
    ['AZERTY, the key where QWERTY has Q', { key: 'a', code: 'KeyQ' }, ['A']],
    ['QWERTZ, undo', { key: 'z', code: 'KeyY', ctrlKey: true }, ['Mod+Z']],
    ['QWERTZ, the key where QWERTY has [', { key: 'ü', code: 'BracketLeft' }, ['Ü', '[']],
    ['Cyrillic', { key: 'а', code: 'KeyF' }, ['А', 'F']],
    ['Option on a Mac', { key: '∫', code: 'KeyB', altKey: true }, ['Alt+∫', 'Alt+B']],
    ['US, Shift and 1', { key: '!', code: 'Digit1', shiftKey: true }, ['!', 'Shift+1']],
    ['a comma where QWERTY has M', { key: ',', code: 'KeyM' }, [',']],
  ] as const)('%s', (_, init, names) => {
    expect(namesOf(new KeyboardEvent('keydown', init))).toEqual(names);
  });

  it('takes a sign written by AltGr for the sign', () => {
    const event = new KeyboardEvent('keydown', {
      key: '[',
      code: 'Digit8',
      ctrlKey: true,
      altKey: true,
      modifierAltGraph: true,
    });
    expect(namesOf(event)[0]).toBe('[');
  });

  it('are shown as on the keyboard', () => {
    expect(showKey('Mod+Shift+Z')).toBe('Ctrl ⇧ Z');
    expect(showKey('Space')).toBe('Space');
    expect(showKey('+')).toBe('+');
    expect(showKey('J Shift+S')).toBe('J then ⇧ S');
  });
});

describe('the keymap', () => {
  it('names every action once', () => {
    const ids = ACTIONS.map((action) => action.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(['annotate', 'inspect', 'boxes', 'read'] as const)(
    'gives a key one meaning at a time (%s)',
    async (mode) => {
      const driver = await Driver.open();
      driver.editor.set({ mode, selected: 3, pose: INFANT });
      for (const tool of ['select', 'place'] as const) {
        driver.editor.tools.setTool(tool);
        const taken = new Map<string, string>();
        for (const action of ACTIONS) {
          if (action.when !== undefined && !action.when(driver.editor)) continue;
          for (const key of action.keys) {
            expect(`${key}: ${taken.get(key) ?? action.id}`).toBe(`${key}: ${action.id}`);
            taken.set(key, action.id);
          }
        }
      }
    },
  );
});

describe('an inspector at the keyboard', () => {
  it('keeps the joint that a comment is on when the frame is read again', async () => {
    const driver = await Driver.open();
    driver.editor.set({ mode: 'inspect', selected: 3 });
    driver.key('M');
    expect(driver.editor.state.composing).toEqual({ joint: 3 });
    const before = driver.editor.state.frame;
    driver.editor.walk.reload();
    await vi.waitFor(() => expect(driver.editor.state.frame).not.toBe(before));
    expect(driver.editor.state.selected).toBe(3);
    expect(driver.editor.state.composing).toEqual({ joint: 3 });
    driver.key('F');
    await vi.waitFor(() => expect(driver.editor.state.selected).toBeNull());
  });
});

describe('an annotator at the keyboard', () => {
  it('accepts with one key and is on the next frame', async () => {
    const driver = await Driver.open();
    driver.key('Space');
    expect(driver.state.frames[0]?.state).toBe('accepted');
    expect(driver.state.index).toBe(1);
    expect(driver.positions.at(-1)).toBe(1);
  });

  it('takes an acceptance back from the frame after it', async () => {
    const driver = await Driver.open();
    driver.key('Space', 'Mod+Z');
    expect(driver.state.index).toBe(0);
    expect(driver.state.document?.decision.verdict).toBe('undecided');
    expect(driver.state.frames[0]?.state).toBe('undecided');
  });

  it('does not leave a frame that it came to in another way', async () => {
    const driver = await Driver.open();
    driver.key('Space', 'F', 'Mod+Z');
    expect(driver.state.index).toBe(2);
    expect(driver.state.frames[0]?.state).toBe('accepted');
  });

  it('goes on without a new decision over a frame that is accepted already', async () => {
    const driver = await Driver.open();
    driver.key('Space', 'D', 'Space');
    expect(driver.state.index).toBe(1);
    expect(driver.editor.queue.pendingOf(0)).toBeLessThan(2);
  });

  it('confirms a returned frame with the same key', async () => {
    const driver = await Driver.open({ items: [{ returned: true, state: 'accepted' }] });
    driver.key('Space');
    expect(driver.state.frames[0]?.returned).toBe(false);
  });

  it('keeps a discarded frame discarded until the discard is taken back', async () => {
    const driver = await Driver.open();
    discard(driver.editor, 'lighting', null);
    driver.key('D', 'Space');
    expect(driver.state.index).toBe(0);
    expect(driver.state.document?.decision.verdict).toBe('discard');
    expect(driver.state.notice?.text).toMatch(/is discarded \(.+\), and stays so.*\(U\)/);
    driver.key('U', 'Space');
    expect(driver.state.frames[0]?.state).toBe('accepted');
  });

  it('says how a returned frame is taken back that it kept as it was', async () => {
    const driver = await Driver.open({ items: [{ returned: true, state: 'accepted' }] });
    driver.key('Space');
    expect(driver.state.notice?.text).toBe(
      'Frame 1 was sent back, and is kept without a change; Ctrl Z takes that back.',
    );
  });

  it('chooses the likeliest person when it accepts a frame where nobody is chosen', async () => {
    const driver = await Driver.open();
    driver.editor.perform([{ type: 'setSkeleton', candidateId: null, joints: null }], 'clear');
    driver.key('Space', 'D');
    expect(driver.state.document?.candidateId).toBe(7);
    expect(driver.state.document?.decision.verdict).toBe('keep');
  });

  it('says why a frame without an infant cannot be accepted', async () => {
    const driver = await Driver.open({ documents: [{ candidates: [] }] });
    driver.editor.perform([{ type: 'setSkeleton', candidateId: null, joints: null }], 'clear');
    driver.key('Space');
    expect(driver.state.index).toBe(0);
    expect(driver.state.notice?.text).toMatch(/no infant to keep/);
  });

  it('corrects a joint, and the frame is corrected', async () => {
    const driver = await Driver.open();
    driver.key('.', '2', 'Space');
    expect(driver.state.frames[0]?.state).toBe('corrected');
  });

  it('nudges by keys, ten in a row being one step', async () => {
    const driver = await Driver.open();
    driver.key('.', 'Right', 'Right', 'Shift+Down', 'Alt+Left');
    expect(driver.joint('nose')).toEqual({ x: 101.9, y: 210, v: 2 });
    driver.key('Mod+Z');
    expect(driver.state.document?.skeleton).toEqual(INFANT);
  });

  it('marks joints by the keys that hands know', async () => {
    const driver = await Driver.open();
    driver.key('.', 'Q');
    expect(driver.joint('nose')?.v).toBe(1);
    driver.key('Q');
    expect(driver.joint('nose')?.v).toBe(2);
    driver.key('O');
    expect(driver.joint('nose')?.v).toBe(0);
  });

  it('swaps left and right', async () => {
    const driver = await Driver.open();
    driver.key('S');
    expect(driver.joint('left_eye')).toEqual(INFANT[2]);
  });

  it('cycles through the people', async () => {
    const driver = await Driver.open();
    driver.key(']');
    expect(driver.state.document?.candidateId).toBe(8);
    driver.key(']');
    expect(driver.state.document?.candidateId).toBe(7);
  });

  it('copies a pose into another frame', async () => {
    const driver = await Driver.open();
    driver.key('.', 'Shift+Right', 'Mod+C', 'F', 'Mod+V');
    expect(driver.joint('nose')?.x).toBe(110);
    expect(driver.state.document?.candidateId).toBeNull();
  });

  it('brings the pose of the previous frame', async () => {
    const driver = await Driver.open();
    driver.key('.', 'Shift+Right', 'F', 'B');
    await Promise.resolve();
    expect(driver.joint('nose')?.x).toBe(110);
  });

  it('jumps to the next undecided frame, round the end', async () => {
    const driver = await Driver.open({ items: [{}, { state: 'accepted' }, {}] });
    driver.key('G');
    expect(driver.state.index).toBe(2);
    driver.key('G');
    expect(driver.state.index).toBe(0);
  });

  it('stays on the last frame and says what is left', async () => {
    const driver = await Driver.open({ frames: 2 });
    driver.key('F', 'Space');
    expect(driver.state.index).toBe(1);
    expect(driver.state.notice?.text).toMatch(/1 frame still need/);
  });

  it('steps only through the frames of a filter', async () => {
    const driver = await Driver.open({ frames: 4, items: [{}, {}, { comments: 1 }, {}] });
    driver.editor.walk.setFilter('commented');
    driver.key('F');
    expect(driver.state.index).toBe(2);
  });

  it('decides nothing while the frame on the screen is another one', async () => {
    const driver = await Driver.open();
    driver.editor.set({ index: 1, loading: true });
    accept(driver.editor);
    expect(driver.state.frames[0]?.state).toBe('undecided');
    expect(driver.state.index).toBe(1);
  });

  it('leaves the screen empty where a frame cannot be loaded', async () => {
    const driver = await Driver.open();
    driver.editor.cache.invalidate(1);
    driver.server.document = () => {
      throw new Error('The server cannot be reached.');
    };
    driver.key('F');
    await vi.waitFor(() => expect(driver.state.loadError).not.toBeNull());
    expect(driver.state.frame).toBeNull();
    expect(driver.state.document).toBeNull();
    expect(driver.editor.canEdit).toBe(false);
  });
});
