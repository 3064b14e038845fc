import { Check, CloudOff, GitMerge, LoaderCircle, LogIn, OctagonAlert } from 'lucide-react';
import { useKept } from '@/shared/api/offline';
import { count } from '@/shared/lib/format';
import { useEditor, useEditorParts } from '../store/context';
import { useActs } from '../store/useActs';
import { namedUnsaved, type SaveShown, saveShown } from '../sync/saveShown';
import css from './header.module.css';

/** Whether what was done is on the server, and if not, where it is. */
export function SaveState() {
  const editor = useEditor();
  const parts = useEditorParts((s) => ({ save: s.save, letters: s.letters }));
  const acts = useActs();
  const save = saveShown(parts.save, parts.letters, acts.all);
  const withoutServer = useKept((s) => s.kept);
  const { fault } = editor.queue;
  const kept = fault === null ? 'kept on this computer' : 'only in this tab: do not close it';
  const goTo = (frameId: number | undefined): boolean => {
    const index = editor.state.frames.findIndex((item) => item.id === frameId);
    if (index >= 0 && index !== editor.state.index) editor.go(index);
    return index >= 0;
  };
  const open = () => editor.open('unsaved');
  switch (save.kind) {
    case 'saved':
      if (withoutServer) {
        return (
          <output className={css.save} data-state="offline" aria-live="polite">
            <CloudOff size={14} aria-hidden /> offline: shows what this computer kept
          </output>
        );
      }
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
          <CloudOff size={14} aria-hidden /> offline: {unsaved(save)} {kept}
        </button>
      );
    case 'signed-out':
      return (
        <button type="button" className={css.save} data-state="offline" onClick={open}>
          <LogIn size={14} aria-hidden /> logged out: {unsaved(save)} {kept}
        </button>
      );
    case 'conflict':
      return (
        <button
          type="button"
          className={css.save}
          data-state="conflict"
          onClick={() => {
            goTo(save.frames[0]);
            editor.open('conflict');
          }}
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
    case 'act-refused':
      return (
        <button type="button" className={css.save} data-state="conflict" onClick={open}>
          <OctagonAlert size={14} aria-hidden /> {count(save.acts, 'change')} refused, {kept}
        </button>
      );
    case 'comment-refused':
      return (
        <button
          type="button"
          className={css.save}
          data-state="conflict"
          onClick={() => {
            if (!goTo(save.frames[0])) open();
          }}
        >
          <OctagonAlert size={14} aria-hidden /> {count(save.frames.length, 'comment')} refused,{' '}
          {kept}
        </button>
      );
  }
}

const unsaved = (save: Extract<SaveShown, { kind: 'offline' | 'signed-out' }>): string =>
  'comments' in save ? namedUnsaved(save.changes, save.comments) : namedUnsaved(save.changes, 0);
