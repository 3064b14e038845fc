/** Where a person's own settings lie: in this browser, and on the server. */
import { answer, http } from '@/shared/api/client';
import type { components } from '@/shared/api/schema.gen';
import { DEFAULT_VIEW } from '../store/state';
import type { Kept, PersonalMemory, PersonalServer } from './Personal';
import {
  DEFAULT_KEYS,
  DEFAULT_SETTINGS,
  type KeySettings,
  type Look,
  lookOf,
  type Settings,
} from './settings';

type StoredLook = components['schemas']['LookSettings'];

const looks = lookOf(DEFAULT_VIEW);

/** A look as it is stored; what is missing or of another kind is as everybody has it. */
export function readLook(stored: unknown): Look | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const { joint_size, only_matching, ...rest } = stored as Record<string, unknown>;
  const given: Record<string, unknown> = {
    ...rest,
    jointSize: joint_size,
    onlyMatching: only_matching,
  };
  const read = Object.entries(looks).map(([name, usual]) => {
    const value = given[name];
    return [name, typeof value === typeof usual ? value : usual];
  });
  return Object.fromEntries(read) as Look;
}

function writtenLook({ jointSize, onlyMatching, ...look }: Look): StoredLook {
  return { ...look, joint_size: jointSize, only_matching: onlyMatching };
}

export function readKeys(stored: unknown): KeySettings {
  if (typeof stored !== 'object' || stored === null) return DEFAULT_KEYS;
  const { preset, changed } = stored as { preset?: unknown; changed?: unknown };
  const entries = Object.entries(typeof changed === 'object' && changed !== null ? changed : {});
  return {
    preset: preset === 'cvat' ? 'cvat' : 'infantnet',
    changed: Object.fromEntries(
      entries.filter(
        ([, keys]) => Array.isArray(keys) && keys.every((key) => typeof key === 'string'),
      ),
    ),
  };
}

export const PERSONAL_SERVER: PersonalServer = {
  async read() {
    const { keys, look } = await answer(http.GET('/api/v1/auth/me/settings'));
    return { keys: readKeys(keys), look: readLook(look) };
  },
  async send(parts) {
    const { keys, look } = parts;
    const body = {
      ...(keys === undefined ? {} : { keys: { preset: keys.preset, changed: changedOf(keys) } }),
      ...(look === undefined ? {} : { look: look === null ? null : writtenLook(look) }),
    };
    await answer(http.PATCH('/api/v1/auth/me/settings', { body }));
  },
};

const changedOf = ({ changed }: KeySettings): Record<string, string[]> =>
  Object.fromEntries(Object.entries(changed).map(([id, keys]) => [id, [...keys]]));

/** This browser's memory of one person's settings. */
export function personalMemory(userId: number): PersonalMemory {
  const name = `infantnet.personal.${userId}`;
  return {
    read(): Kept | null {
      try {
        const text = localStorage.getItem(name);
        if (text === null) return null;
        const { keys, look, unsent } = JSON.parse(text) as Record<string, unknown>;
        const settings: Settings = {
          ...DEFAULT_SETTINGS,
          keys: readKeys(keys),
          look: readLook(look),
        };
        const parts = Array.isArray(unsent) ? unsent : [];
        return { settings, unsent: (['keys', 'look'] as const).filter((p) => parts.includes(p)) };
      } catch {
        return null;
      }
    },
    write({ settings: { keys, look }, unsent }) {
      try {
        const text = JSON.stringify({ keys, look: look && writtenLook(look), unsent });
        if (text !== localStorage.getItem(name)) localStorage.setItem(name, text);
      } catch {
        // A private window: it holds until the page is left.
      }
    },
    watch(onChange) {
      const listen = (event: StorageEvent): void => {
        if (event.key === name) onChange();
      };
      window.addEventListener('storage', listen);
      return () => window.removeEventListener('storage', listen);
    },
  };
}
