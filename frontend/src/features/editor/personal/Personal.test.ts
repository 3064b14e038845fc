// @vitest-environment jsdom

import { describe, expect, it, vi } from 'vitest';
import { KEYED } from '../actions/registry';
import { DEFAULT_VIEW } from '../store/state';
import { personalMemory, readKeys, readLook } from './kept';
import { Personal, type PersonalServer } from './Personal';
import { DEFAULT_KEYS, type KeySettings, lookOf, type Settings } from './settings';

const CVAT: KeySettings = { preset: 'cvat', changed: {} };
const LOOK = { ...lookOf(DEFAULT_VIEW), gamma: 1.5 };

function server(stored: Partial<Settings> = {}): PersonalServer & { stored: Partial<Settings> } {
  return {
    stored,
    async read() {
      return this.stored;
    },
    async send(parts) {
      this.stored = { ...this.stored, ...parts };
    },
  };
}

const away: PersonalServer = {
  read: () => Promise.reject(new TypeError('no network')),
  send: () => Promise.reject(new TypeError('no network')),
};

let user = 0;
const memory = () => personalMemory(++user);

describe('a person’s own settings', () => {
  it('hold without a network, and reach the server at the next opening', async () => {
    const here = memory();
    const first = new Personal(KEYED, here, away);
    first.setKeys(CVAT);
    first.close();
    const there = server();
    const second = new Personal(KEYED, here, there);
    expect(second.keymap.settings.preset).toBe('cvat');
    await second.meet();
    expect(there.stored.keys).toEqual(CVAT);
    expect(here.read()?.unsent).toEqual([]);
  });

  it('set on another computer are taken over', async () => {
    const personal = new Personal(KEYED, memory(), server({ keys: CVAT, look: LOOK }));
    await personal.meet();
    expect(personal.keymap.settings).toEqual(CVAT);
    expect(personal.look?.gamma).toBe(1.5);
  });

  it('changed here win over older ones there, part by part', async () => {
    const there = server({ keys: CVAT, look: LOOK });
    const personal = new Personal(KEYED, memory(), there);
    personal.setKeys({ preset: 'infantnet', changed: { swap: ['W'] } });
    await personal.meet();
    expect(there.stored.keys?.changed).toEqual({ swap: ['W'] });
    expect(personal.look?.gamma).toBe(1.5);
    personal.close();
  });

  it('changed while they are sent are sent once more', async () => {
    const there = server();
    const personal = new Personal(KEYED, memory(), {
      read: () => there.read(),
      async send(parts) {
        await there.send(parts);
        if (parts.keys?.preset === 'cvat') personal.setKeys(DEFAULT_KEYS);
      },
    });
    personal.setKeys(CVAT);
    await personal.meet();
    await personal.meet();
    expect(there.stored.keys).toEqual(DEFAULT_KEYS);
    personal.close();
  });

  it('follow the other tab', () => {
    const here = memory();
    const one = new Personal(KEYED, here);
    const two = new Personal(KEYED, here);
    two.setKeys(CVAT);
    window.dispatchEvent(new StorageEvent('storage', { key: `infantnet.personal.${user}` }));
    expect(one.keymap.settings.preset).toBe('cvat');
  });

  it('are sent once for many turns of a slider', async () => {
    vi.useFakeTimers();
    const there = server();
    const send = vi.spyOn(there, 'send');
    const personal = new Personal(KEYED, memory(), there);
    for (const gamma of [1.1, 1.2, 1.3]) personal.setLook({ ...LOOK, gamma });
    await vi.advanceTimersByTimeAsync(2000);
    vi.useRealTimers();
    expect(send).toHaveBeenCalledTimes(1);
    expect(there.stored.look?.gamma).toBe(1.3);
  });

  it.each([null, 7, 'x', [], { changed: 3 }, { preset: 'emacs', changed: { swap: [1] } }])(
    'of another kind are as if never set: %j',
    (junk) => {
      expect(readKeys(junk)).toEqual(DEFAULT_KEYS);
    },
  );

  it('of an older look keep what they say', () => {
    expect(readLook({ gamma: 2, joint_size: 'large' })).toEqual({
      ...lookOf(DEFAULT_VIEW),
      gamma: 2,
    });
  });
});
