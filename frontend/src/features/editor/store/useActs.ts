/** Whole acts on their way to the server: they are shown and counted together. */
import { useMemo } from 'react';
import { usePostures } from '../postures/usePostures';
import { useRanges } from '../ranges/useRanges';

export function useActs() {
  const ranges = useRanges((s) => s.waiting);
  const { waiting: postures } = usePostures((s) => ({ waiting: s.waiting }));
  return useMemo(() => ({ ranges, postures, all: [...ranges, ...postures] }), [ranges, postures]);
}
