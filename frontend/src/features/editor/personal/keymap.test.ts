import { describe, expect, it } from 'vitest';
import { KEYED } from '../actions/registry';
import { Driver } from '../testing/driver';
import { Keyboard } from './Keyboard';
import { type Keyed, Keymap } from './keymap';
import { PRESETS, type Preset } from './presets';
import { DEFAULT_KEYS, isStandard } from './settings';

const THREE: readonly Keyed[] = [
  { id: 'accept', keys: ['Space'], where: ['pose'] },
  { id: 'good', keys: ['Space'], where: ['inspect'] },
  { id: 'nose', keys: ['J N'], where: ['pose', 'inspect'] },
];
const map = (changed: Record<string, readonly string[]> = {}, preset: Preset = 'infantnet') =>
  new Keymap({ preset, changed }, THREE);

describe('a set of keys to begin with', () => {
  it.each(Object.keys(PRESETS) as Preset[])(
    'gives every key one meaning in a situation (%s)',
    (preset) => {
      const keymap = new Keymap({ preset, changed: {} }, KEYED);
      const clashes = KEYED.flatMap(({ id }) =>
        keymap
          .keysOf(id)
          .flatMap((key) =>
            keymap.clashes(id, key).map((clash) => `${id}: ${key} is also ${clash.id}`),
          ),
      );
      expect(clashes).toEqual([]);
    },
  );

  it.each(Object.keys(PRESETS) as Preset[])('names actions that exist (%s)', (preset) => {
    const ids = new Set(KEYED.map(({ id }) => id));
    expect(Object.keys(PRESETS[preset]).filter((id) => !ids.has(id))).toEqual([]);
  });

  it('of CVAT does what hands from there expect', async () => {
    const driver = await Driver.open({ frames: 30 });
    driver.editor.personal.setKeys({ preset: 'cvat', changed: {} });
    driver.key('V');
    expect(driver.state.index).toBe(10);
    driver.key('C', 'F', 'D', 'K');
    expect(driver.state.frames[0]?.state).toBe('accepted');
    driver.key('Mod+Z', 'H');
    expect(driver.state.view.overlay).toBe(false);
    driver.key('L', 'Alt+Delete');
    expect(driver.state.view.locked).toBe(true);
    expect(driver.state.dialog).toBe('discard');
  });
});

it('no two actions of a set wait for one key in one situation', () => {
  for (const preset of ['infantnet', 'cvat'] as const) {
    const set = new Keymap({ preset, changed: {} }, KEYED);
    const clashes = KEYED.flatMap(({ id }) =>
      set.keysOf(id).flatMap((key) => set.clashes(id, key)),
    );
    expect(clashes).toEqual([]);
  }
});

describe('a person’s own keys', () => {
  it('do not clash where the two actions never wait for a key together', () => {
    expect(map().clashes('accept', 'Space')).toEqual([]);
    expect(map().clashes('accept', 'J')).toEqual([{ key: 'J N', id: 'nose' }]);
  });

  it('are taken from the action that had them', () => {
    const taken = new Keymap(map().withKey('accept', 'J N'), THREE);
    expect(taken.keysOf('accept')).toEqual(['Space', 'J N']);
    expect(taken.keysOf('nose')).toEqual([]);
    expect(taken.actionsOn('J N')).toEqual(['accept']);
  });

  it('come back by a reset, and whoever had them since gives them back', () => {
    const taken = new Keymap(map().withKey('accept', 'J N'), THREE);
    const back = new Keymap(taken.withReset('nose'), THREE);
    expect(back.keysOf('nose')).toEqual(['J N']);
    expect(back.keysOf('accept')).toEqual(['Space']);
  });

  it('may be none at all', () => {
    const bare = new Keymap(map().withoutKey('good', 'Space'), THREE);
    expect(bare.keysOf('good')).toEqual([]);
    expect(bare.actionsOn('Space')).toEqual(['accept']);
  });

  it('are what the editor listens to, at once', async () => {
    const driver = await Driver.open();
    const { personal } = driver.editor;
    personal.setKeys(personal.keymap.withKey('accept', 'W'));
    expect(driver.editor.keyOf('accept')).toBe('Space');
    driver.key('W');
    expect(driver.state.frames[0]?.state).toBe('accepted');
    personal.setKeys(DEFAULT_KEYS);
    expect(() => driver.key('W')).toThrow('Nothing listens');
  });
});

describe('the keyboard', () => {
  it('reaches a joint by two keys', async () => {
    const driver = await Driver.open();
    const keyboard = new Keyboard(driver.editor);
    expect(keyboard.down(['J'], 'KeyJ')).toBe('waiting');
    expect(driver.state.chord).toBe('J');
    expect(keyboard.down(['Shift+B'], 'KeyB')).toBe('performed');
    expect(driver.state.selected).toBe(8);
    expect(driver.state.chord).toBeNull();
  });

  it('forgets a chord that goes on otherwise, and does nothing by it', async () => {
    const driver = await Driver.open();
    const keyboard = new Keyboard(driver.editor);
    keyboard.down(['J'], 'KeyJ');
    keyboard.down(['Space'], 'Space');
    expect(driver.state.frames[0]?.state).toBe('undecided');
    keyboard.down(['Space'], 'Space');
    expect(driver.state.frames[0]?.state).toBe('accepted');
  });

  it('hides the joints as long as a key is held', async () => {
    const driver = await Driver.open();
    const keyboard = new Keyboard(driver.editor);
    keyboard.down(['`'], 'Backquote');
    keyboard.down(['`'], 'Backquote', undefined, true);
    expect(driver.state.view.peeking).toBe(true);
    keyboard.up('Backquote');
    expect(driver.state.view.peeking).toBe(false);
  });

  it('held down, decides no frame that is decided, and passes over it', async () => {
    const driver = await Driver.open();
    driver.editor.go(1);
    driver.editor.perform([{ type: 'setVerdict', verdict: 'discard', reason: 'lighting' }], 'No');
    driver.editor.go(0);
    const keyboard = new Keyboard(driver.editor);
    keyboard.down(['Space'], 'Space');
    for (let n = 0; n < 3; n++) keyboard.down(['Space'], 'Space', undefined, true);
    expect(driver.state.frames.map(({ state }) => state)).toEqual([
      'accepted',
      'discarded',
      'accepted',
    ]);
  });

  it('held down, switches nothing on and off again', async () => {
    const driver = await Driver.open();
    const before = driver.state.document?.skeleton;
    const keyboard = new Keyboard(driver.editor);
    keyboard.down(['Alt+S'], 'KeyS');
    const swapped = driver.state.document?.skeleton;
    keyboard.down(['Alt+S'], 'KeyS', undefined, true);
    expect(swapped).not.toEqual(before);
    expect(driver.state.document?.skeleton).toEqual(swapped);
  });

  it('held down, goes on with what is done by steps', async () => {
    const driver = await Driver.open();
    const keyboard = new Keyboard(driver.editor);
    keyboard.down(['F'], 'KeyF');
    keyboard.down(['F'], 'KeyF', undefined, true);
    expect(driver.state.index).toBe(2);
  });

  it('shows them again when the window loses the key', async () => {
    const driver = await Driver.open();
    const keyboard = new Keyboard(driver.editor);
    keyboard.down(['`'], 'Backquote');
    keyboard.letGo();
    expect(driver.state.view.peeking).toBe(false);
  });

  it('takes the second name where the first means nothing', async () => {
    const driver = await Driver.open();
    const keyboard = new Keyboard(driver.editor);
    expect(keyboard.down(['А', 'F'], 'KeyF')).toBe('performed');
    expect(driver.state.index).toBe(1);
  });
});

describe('the standard keys', () => {
  it('are left by another set as well as by a change', () => {
    expect(isStandard(DEFAULT_KEYS)).toBe(true);
    expect(isStandard({ ...DEFAULT_KEYS, preset: 'cvat' })).toBe(false);
    expect(isStandard({ ...DEFAULT_KEYS, changed: { accept: ['Enter'] } })).toBe(false);
  });
});
