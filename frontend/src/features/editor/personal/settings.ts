/** What a person sets for themselves, and what holds as long as they did not. */
import type { View } from '../store/state';

export interface KeySettings {
  readonly preset: 'infantnet' | 'cvat';
  /** By action; an empty list leaves it without a key. */
  readonly changed: Readonly<Record<string, readonly string[]>>;
}

export const DEFAULT_KEYS: KeySettings = { preset: 'infantnet', changed: {} };

/** The part of the view that stays from one recording to the next. */
export type Look = Omit<View, 'overlay' | 'peeking' | 'locked'>;

export interface Settings {
  readonly keys: KeySettings;
  /** Null as long as this person never changed anything. */
  readonly look: Look | null;
}

export const DEFAULT_SETTINGS: Settings = { keys: DEFAULT_KEYS, look: null };

export function lookOf({ overlay: _, peeking: __, locked: ___, ...look }: View): Look {
  return look;
}

export function sameLook(a: Look | null, b: Look | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Whether every action has its own keys: neither another set nor changes of one's own. */
export const isStandard = ({ preset, changed }: KeySettings): boolean =>
  preset === DEFAULT_KEYS.preset && Object.keys(changed).length === 0;
