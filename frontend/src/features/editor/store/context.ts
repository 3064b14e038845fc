import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { seenFrom } from '../multiview/panes';
import type { Editor } from './Editor';
import type { EditorState } from './state';

export const EditorContext = createContext<Editor | null>(null);

/** The camera whose pane a component is in; null outside of panes: the one that is worked in. */
export const PaneContext = createContext<number | null>(null);

export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (editor === null) throw new Error('useEditor is for components inside the editor.');
  return editor;
}

/** A part of the editor's state, as its pane has it; the component renders again when that part changes. */
export function useEditorState<T>(select: (state: EditorState) => T): T {
  const pane = useContext(PaneContext);
  return useStore(useEditor().store.api, (state) => select(seenFrom(state, pane)));
}

/** Several parts at once, compared one by one. */
export function useEditorParts<T extends object>(select: (state: EditorState) => T): T {
  const pane = useContext(PaneContext);
  return useStore(
    useEditor().store.api,
    useShallow((state) => select(seenFrom(state, pane))),
  );
}
