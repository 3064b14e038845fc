import { Check, CloudOff, GitMerge, LoaderCircle, LogIn, OctagonAlert } from 'lucide-react';
import { count } from '@/shared/lib/format';
import { useEditor, useEditorState } from '../store/context';
import css from './header.module.css';

/** Whether what was done is on the server, and if not, where it is. */
export function SaveState() {
  const editor = useEditor();
  const save = useEditorState((s) => s.save);
  const { fault } = editor.queue;
  const kept = fault === null ? 'kept on this computer' : 'only in this tab: do not close it';
  const goTo = (frameId: number | undefined): void => {
    const index = editor.state.frames.findIndex((item) => item.id === frameId);
    if (index >= 0 && index !== editor.state.index) editor.go(index);
    editor.open('conflict');
  };
  const open = () => editor.open('unsaved');
  switch (save.kind) {
    case 'saved':
      return (
        <output className={css.save} data-state="saved" aria-live="polite">
          <Check size={14} aria-hidden /> saved
        </output>
      );
    case 'saving':
      return (
        <output className={css.save} data-state="saving">
          <LoaderCircle size={14} aria-hidden className={css.turning} /> saving
        </output>
      );
    case 'offline':
      return (
        <button type="button" className={css.save} data-state="offline" onClick={open}>
          <CloudOff size={14} aria-hidden /> offline: {count(save.changes, 'change')} {kept}
        </button>
      );
    case 'signed-out':
      return (
        <button type="button" className={css.save} data-state="offline" onClick={open}>
          <LogIn size={14} aria-hidden /> logged out: {count(save.changes, 'change')} {kept}
        </button>
      );
    case 'conflict':
      return (
        <button
          type="button"
          className={css.save}
          data-state="conflict"
          onClick={() => goTo(save.frames[0])}
        >
          <GitMerge size={14} aria-hidden /> {count(save.frames.length, 'frame')} changed by two
          people: choose
        </button>
      );
    case 'refused':
      return (
        <button type="button" className={css.save} data-state="conflict" onClick={open}>
          <OctagonAlert size={14} aria-hidden /> {count(save.changes, 'change')} refused, {kept}
        </button>
      );
  }
}
