import { useEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import { useMe } from '@/shared/api/queries/accounts';
import { showKey } from '../actions/keys';
import { KEYED } from '../actions/registry';
import { PERSONAL_SERVER, personalMemory } from '../personal/kept';
import type { Keymap } from '../personal/keymap';
import { Personal } from '../personal/Personal';

/** A person's own keys, on a page without an editor. */
export function usePersonal(): Personal {
  const { id } = useMe();
  const personal = useMemo(() => new Personal(KEYED, personalMemory(id), PERSONAL_SERVER), [id]);
  useEffect(() => {
    void personal.meet();
    return () => personal.close();
  }, [personal]);
  return personal;
}

export const useKeymapOf = (personal: Personal): Keymap =>
  useStore(personal.api, (state) => state.keymap);

/** All keys of an act of the page, as they are shown; the first alone stands on buttons. */
export const keysShown = (keymap: Keymap, act: string): readonly string[] =>
  keymap.keysOf(`compare.${act}`).map(showKey);
