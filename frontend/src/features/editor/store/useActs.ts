/** Whole acts on their way to the server: they are shown and counted together. */
import { useMemo } from 'react';
import { usePostures } from '../postures/usePostures';
import { useRanges } from '../ranges/useRanges';
import { useEditorState } from './context';

export function useActs() {
  const ranges = useRanges((s) => s.waiting);
  const { waiting: postures } = usePostures((s) => ({ waiting: s.waiting }));
  const waivers = useEditorState((s) => s.waivers);
  return useMemo(
    () => ({ ranges, postures, waivers, all: [...ranges, ...postures, ...waivers] }),
    [ranges, postures, waivers],
  );
}
