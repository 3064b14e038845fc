import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Editor } from './Editor';
import type { EditorState } from './state';

export const EditorContext = createContext<Editor | null>(null);

export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (editor === null) throw new Error('useEditor is for components inside the editor.');
  return editor;
}

/** A part of the editor's state; the component renders again when that part changes. */
export function useEditorState<T>(select: (state: EditorState) => T): T {
  return useStore(useEditor().store, select);
}

/** Several parts at once, compared one by one. */
export function useEditorParts<T extends object>(select: (state: EditorState) => T): T {
  return useStore(useEditor().store, useShallow(select));
}
