/** Whole acts on their way to the server: they are shown and counted together. */
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { usePostures } from '../postures/usePostures';
import { useRanges } from '../ranges/useRanges';
import { useEditor } from './context';

export function useActs() {
  const ranges = useRanges((s) => s.waiting);
  const { waiting: postures } = usePostures((s) => ({ waiting: s.waiting }));
  const waivers = useStore(useEditor().suspicions.api, (s) => s.waiting);
  return useMemo(
    () => ({ ranges, postures, waivers, all: [...ranges, ...postures, ...waivers] }),
    [ranges, postures, waivers],
  );
}
