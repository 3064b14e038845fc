import {
  createContext,
  startTransition,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { shallow } from 'zustand/vanilla/shallow';
import { seenFrom } from '../multiview/panes';
import type { Editor } from './Editor';
import { onlyDragged } from './pace';
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

/**
 * Several parts at once for what may follow a moment later: the lists beside the canvas.
 *
 * They are rendered when the frame is on the screen, so that a key does not wait for them. While a
 * joint is in the hand they follow a few times a second, all in one task.
 */
export function useEditorPartsSoon<T extends object>(select: (state: EditorState) => T): T {
  const pane = useContext(PaneContext);
  const editor = useEditor();
  const chosen = useRef(select);
  chosen.current = select;
  const [parts, setParts] = useState(() => select(seenFrom(editor.state, pane)));
  useEffect(() => {
    let last: T | null = null;
    const { lists } = editor.paces;
    const follow = (state: EditorState): void => {
      if (state.gesture === null) take();
      else lists.later(take);
    };
    const take = (): void => {
      lists.forget(take);
      const next = chosen.current(seenFrom(editor.state, pane));
      if (last !== null && shallow(last, next)) return;
      last = next;
      startTransition(() => setParts(next));
    };
    take();
    const stop = editor.store.api.subscribe(follow);
    return () => {
      stop();
      lists.forget(take);
    };
  }, [editor, pane]);
  return parts;
}

/**
 * Several parts at once for what is drawn over the image besides the dragged joint itself.
 *
 * They follow at once, except while nothing but a joint's place changes: then several times a second.
 */
export function useEditorPartsPaced<T extends object>(select: (state: EditorState) => T): T {
  const pane = useContext(PaneContext);
  const editor = useEditor();
  const chosen = useRef(select);
  chosen.current = select;
  const followed = useMemo(
    () => new Followed(editor, (state) => chosen.current(seenFrom(state, pane))),
    [editor, pane],
  );
  return useSyncExternalStore(followed.subscribe, followed.parts);
}

class Followed<T extends object> {
  private taken: EditorState;
  private last: T;

  constructor(
    private readonly editor: Editor,
    private readonly select: (state: EditorState) => T,
  ) {
    this.taken = editor.state;
    this.last = select(this.taken);
  }

  readonly parts = (): T => this.last;

  readonly subscribe = (changed: () => void): (() => void) => {
    const { editor } = this;
    const { marks } = editor.paces;
    const take = (): void => {
      marks.forget(take);
      this.taken = editor.state;
      const next = this.select(this.taken);
      if (shallow(this.last, next)) return;
      this.last = next;
      changed();
    };
    take();
    const stop = editor.store.api.subscribe((state) => {
      if (onlyDragged(state, this.taken)) marks.later(take);
      else take();
    });
    return () => {
      stop();
      marks.forget(take);
    };
  };
}
