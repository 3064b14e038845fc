/** Which keys belong to which actions for one person: a preset, and what that person changed. */
import { PRESETS } from './presets';
import type { KeySettings } from './settings';

/** What a keymap needs to know of an action. */
export interface Keyed {
  readonly id: string;
  readonly keys: readonly string[];
  /** The situations in which its keys are listened to. */
  readonly where: readonly Where[];
}

/** What a person is doing when a key is pressed. */
export type Where = 'pose' | 'place' | 'inspect' | 'boxes' | 'read' | 'postures' | 'compare';
export const EVERYWHERE: readonly Where[] = ['pose', 'place', 'inspect', 'boxes', 'read'];

/** Two actions that would both answer to a key. */
export interface Clash {
  readonly key: string;
  readonly id: string;
}

/** The keys of a chord: `J S` is first J, then S. A space as a key is called `Space`. */
const strokesOf = (key: string): readonly string[] => key.split(' ');

export class Keymap {
  private readonly keys = new Map<string, readonly string[]>();
  private readonly byKey = new Map<string, string[]>();
  private readonly prefixes = new Map<string, string[]>();

  constructor(
    readonly settings: KeySettings,
    private readonly actions: readonly Keyed[],
  ) {
    for (const { id, keys } of actions) {
      const mine = settings.changed[id] ?? PRESETS[settings.preset][id] ?? keys;
      this.keys.set(id, mine);
      for (const key of mine) {
        put(this.byKey, key, id);
        const [first, second] = strokesOf(key);
        if (first !== undefined && second !== undefined) put(this.prefixes, first, key);
      }
    }
  }

  /** The first is shown; the others work too. */
  keysOf(id: string): readonly string[] {
    return this.keys.get(id) ?? [];
  }

  /** Ids of the actions that a key means, in the registry's order. */
  actionsOn(key: string): readonly string[] {
    return this.byKey.get(key) ?? [];
  }

  /** The chords that begin with this key. */
  chordsFrom(key: string): readonly string[] {
    return this.prefixes.get(key) ?? [];
  }

  isChanged(id: string): boolean {
    return this.settings.changed[id] !== undefined;
  }

  /** Actions that would answer to this key where `id` does too, or be hidden by it. */
  clashes(id: string, key: string): readonly Clash[] {
    const where = this.whereOf(id);
    return this.actions.flatMap((other) => {
      if (other.id === id || !other.where.some((w) => where.includes(w))) return [];
      const met = this.keysOf(other.id).filter((theirs) => meet(theirs, key));
      return met.map((theirs) => ({ key: theirs, id: other.id }));
    });
  }

  /** The settings with a key given to an action, and taken from those where it would clash. */
  withKey(id: string, key: string): KeySettings {
    const keys = [...this.keysOf(id).filter((k) => k !== key), key];
    return this.with({ ...this.freed(id, key), [id]: keys });
  }

  withoutKey(id: string, key: string): KeySettings {
    return this.with({ [id]: this.keysOf(id).filter((k) => k !== key) });
  }

  /** The settings with one action as the preset has it. Whoever has its keys now gives them back. */
  withReset(id: string): KeySettings {
    const { [id]: _, ...changed } = this.settings.changed;
    let map = new Keymap({ ...this.settings, changed }, this.actions);
    for (const key of map.keysOf(id)) {
      map = new Keymap(map.with(map.freed(id, key)), this.actions);
    }
    return map.settings;
  }

  /** The actions that a key of `id` would clash with, without it. */
  private freed(id: string, key: string): Record<string, readonly string[]> {
    const clashes = this.clashes(id, key);
    return Object.fromEntries(
      clashes.map(({ id: other }) => {
        const taken = clashes.filter((clash) => clash.id === other).map((clash) => clash.key);
        return [other, this.keysOf(other).filter((k) => !taken.includes(k))];
      }),
    );
  }

  private with(changed: KeySettings['changed']): KeySettings {
    return { ...this.settings, changed: { ...this.settings.changed, ...changed } };
  }

  private whereOf(id: string): readonly Where[] {
    return this.actions.find((action) => action.id === id)?.where ?? EVERYWHERE;
  }
}

function put(map: Map<string, string[]>, key: string, value: string): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}

/** Whether two keys cannot be told apart: the same, or one of them begins the other's chord. */
function meet(a: string, b: string): boolean {
  const [first, second] = [strokesOf(a), strokesOf(b)];
  return first.every((stroke, i) => (second[i] ?? stroke) === stroke);
}
