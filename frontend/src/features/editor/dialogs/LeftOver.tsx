import { useEffect } from 'react';
import { useStore } from 'zustand';
import { ownFrames } from '../parts/part';
import { useEditor, useEditorParts } from '../store/context';
import { LeftList } from './LeftList';

/** What nobody answered yet of the frames that are one’s own here; each line opens the first of them. */
export function LeftOver() {
  const editor = useEditor();
  const { frames, part, suspicions, mode, saved } = useEditorParts((s) => ({
    frames: s.frames,
    part: s.part,
    suspicions: s.suspicions,
    mode: s.mode,
    saved: s.save.kind === 'saved',
  }));
  const unread = useStore(editor.suspicions.api, (state) => state.unread);
  // What was saved a moment ago counts too, such as frames that a held key ran through.
  useEffect(() => {
    if (saved) editor.suspicions.onAsked();
  }, [editor, saved]);
  return (
    <LeftList
      frames={ownFrames(frames, part)}
      book={suspicions}
      inspecting={mode === 'inspect'}
      unread={unread}
      onGo={(item) => {
        editor.open(null);
        editor.go(frames.indexOf(item));
      }}
    />
  );
}
