import { useContext } from 'react';
import { useStore } from 'zustand';
import { PaneContext, useEditor, useEditorPartsPaced } from '../store/context';
import type { Consensus } from './consensus';
import { activeCamera } from './panes';

/** On which points the cameras of the moment agree. */
export function useConsensus(): Consensus {
  const editor = useEditor();
  return useEditorPartsPaced(() => ({ consensus: editor.views.consensus() })).consensus;
}

/** The camera of the pane that the component is in. */
export function usePaneCamera(): number | null {
  const pane = useContext(PaneContext);
  const editor = useEditor();
  return useStore(editor.store.api, (state) => pane ?? activeCamera(state));
}
