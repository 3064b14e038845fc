import { useEffect, useState } from 'react';
import type { Me } from '@/shared/api/types';
import type { Editor } from '../store/Editor';
import { openSingles } from './openSingles';
import type { SingleFrame } from './transport';

/** An editor over these frames, for as long as they are shown. */
export function useSingles(me: Me, frames: readonly SingleFrame[]): Editor | null {
  const [editor, setEditor] = useState<Editor | null>(null);
  const which = frames.map(({ id }) => id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what follows later is the editor's own
  useEffect(() => {
    const opened = openSingles({ me, frames });
    setEditor(opened.editor);
    return () => {
      setEditor(null);
      opened.close();
    };
  }, [which, me.id]);
  return editor;
}
