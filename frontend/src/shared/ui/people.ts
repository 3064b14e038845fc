import { create } from 'zustand';
import { type Look, lookAlone, looksOf } from './initials';

/** Everybody who is known, so that no two avatars look the same. */
const usePeople = create<{ looks: Map<string, Look> }>(() => ({ looks: new Map() }));

/** Tells avatars who there is, in an order that stays: by when they were added. */
export function knowPeople(names: readonly string[]): void {
  usePeople.setState({ looks: looksOf(names) });
}

export function useLook(name: string): Look {
  return usePeople(({ looks }) => looks.get(name)) ?? lookAlone(name);
}
