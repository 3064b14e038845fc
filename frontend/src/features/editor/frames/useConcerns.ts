import { useMemo } from 'react';
import { useEditor, useEditorParts } from '../store/context';
import { type Concerns, concernsIn, seenIn } from './concerns';

/** What deserves a second look in the frame on the canvas. */
export function useConcerns(useParts = useEditorParts): Concerns {
  const editor = useEditor();
  const seen = useParts((state) => seenIn(state, editor.views.consensus()));
  return useMemo(() => concernsIn(seen, editor.state, (id) => editor.beside(id)), [editor, seen]);
}
