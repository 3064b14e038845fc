import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { useEditor } from '../store/context';
import type { PosturesState } from './Postures';

/** Parts of what is known of postures; the component renders again when one of them changes. */
export function usePostures<T extends object>(select: (state: PosturesState) => T): T {
  return useStore(useEditor().postures.api, useShallow(select));
}
