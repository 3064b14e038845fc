import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { FrameItem } from '@/shared/api/types';
import { DOUBTFUL_FLAGS } from '@/shared/domain/rules.gen';
import { QUALITY_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { ownFrames } from '../parts/part';
import { useEditor, useEditorParts } from '../store/context';
import { leftByKind } from '../suspicion/book';
import css from './leftOver.module.css';

/** What nobody answered yet, each a way there: doubted joints by kind, frames accepted unseen or in bad light. */
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
  const own = ownFrames(frames, part);
  const kinds = leftByKind(suspicions, own);
  const quick = own.filter((item) => item.quick === true);
  const sampled = own.filter((item) => item.sampled === true);
  const unseen = own.filter((item) => item.sampled === true && item.mark === null);
  const poor = DOUBTFUL_FLAGS.flatMap((flag) => {
    const where = own.filter((item) => isKeptItem(item) && item.flags.includes(flag));
    return where.length === 0 ? [] : [{ flag, where }];
  });
  if (kinds.length + quick.length + poor.length + unread === 0) return null;
  const go = (item: FrameItem | undefined): void => {
    const index = item === undefined ? -1 : frames.indexOf(item);
    if (index < 0) return;
    editor.open(null);
    editor.go(index);
  };
  return (
    <section className={css.left} aria-label="Not answered yet">
      <h3>Not answered yet</h3>
      <ul>
        {kinds.map(({ doubt, name, joints, frames: where }) => (
          <li key={doubt}>
            <button type="button" onClick={() => go(own[where[0] ?? -1])}>
              <b>{count(joints, 'joint')}</b> in {count(where.length, 'frame')}: {name}
            </button>
          </li>
        ))}
        {poor.map(({ flag, where }) => (
          <li key={flag}>
            <button type="button" onClick={() => go(where[0])}>
              <b>{count(where.length, 'frame')}</b> kept: {QUALITY_LABELS[flag].toLowerCase()}
            </button>
          </li>
        ))}
        {quick.length > 0 && (
          <li>
            <button type="button" onClick={() => go(quick[0])}>
              <b>{count(quick.length, 'frame')}</b> accepted without looking
            </button>
          </li>
        )}
        {mode === 'inspect' && sampled.length > 0 && (
          <li>
            <button type="button" onClick={() => go(unseen[0] ?? sampled[0])}>
              <b>{count(sampled.length, 'frame')}</b> of them drawn for you, {unseen.length} without
              a mark
            </button>
          </li>
        )}
      </ul>
      {unread > 0 && (
        <p>{count(unread, 'change')} still being looked at: this list may become longer.</p>
      )}
    </section>
  );
}

const isKeptItem = ({ state }: FrameItem): boolean => state === 'accepted' || state === 'corrected';
