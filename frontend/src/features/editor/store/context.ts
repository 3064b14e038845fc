import { createContext, startTransition, useContext, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { shallow } from 'zustand/vanilla/shallow';
import { seenFrom } from '../multiview/panes';
import type { Editor } from './Editor';
import type { EditorState } from './state';

const IN_HAND_MS = 120;

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

/**
 * Several parts at once for what may follow a moment later: the lists beside the canvas.
 *
 * They are rendered when the frame is on the screen, so that a key does not wait for them. While a
 * joint is in the hand they follow a few times a second: nobody reads them then, and each frame of
 * the screen is short.
 */
export function useEditorPartsSoon<T extends object>(select: (state: EditorState) => T): T {
  const pane = useContext(PaneContext);
  const editor = useEditor();
  const chosen = useRef(select);
  chosen.current = select;
  const [parts, setParts] = useState(() => select(seenFrom(editor.state, pane)));
  useEffect(() => {
    let last: T | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = (state: EditorState): void => {
      if (state.gesture === null) take();
      else timer ??= setTimeout(take, IN_HAND_MS);
    };
    const take = (): void => {
      clearTimeout(timer);
      timer = undefined;
      const next = chosen.current(seenFrom(editor.state, pane));
      if (last !== null && shallow(last, next)) return;
      last = next;
      startTransition(() => setParts(next));
    };
    take();
    const stop = editor.store.api.subscribe(follow);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [editor, pane]);
  return parts;
}
