import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { JOINT_LABELS, MAX_NOTE_LENGTH } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Kbd } from '@/shared/ui/Kbd';
import { useKeyNames } from '../personal/useKeys';
import { useEditor, useEditorParts } from '../store/context';
import { Panel } from './Panel';
import css from './suspicion.module.css';

/** Joints of this frame that probably need a hand: go there, mend it, or wave it through. */
export function SuspicionPanel() {
  const editor = useEditor();
  const keyName = useKeyNames();
  const { suspicions, frameId, selected, mode } = useEditorParts((s) => ({
    suspicions: s.suspicions,
    frameId: s.frame?.doc.id ?? -1,
    selected: s.selected,
    mode: s.mode,
  }));
  const [noting, setNoting] = useState<number | null>(null);
  const joints = suspicions.get(frameId) ?? [];
  if (joints.length === 0) return null;
  const open = joints.filter(({ waived }) => waived === null).length;
  const may = mode === 'annotate' || mode === 'inspect';
  return (
    <Panel title={open > 0 ? `Doubted: ${count(open, 'joint')}` : 'Nothing doubted any more'}>
      <ul className={css.joints}>
        {joints.map(({ joint, percent, reason, waived }) => (
          <li key={joint} data-waived={waived !== null || undefined}>
            <button
              type="button"
              className={css.reason}
              aria-pressed={selected === joint}
              onClick={() => editor.select(joint)}
            >
              {waived === null ? (
                <TriangleAlert size={14} aria-hidden />
              ) : (
                <CircleCheck size={14} aria-hidden />
              )}
              <span>
                {waived === null
                  ? reason
                  : `${JOINT_LABELS[joint]}: waved through by ${waived.name}${waived.note ? `: ${waived.note}` : '.'}`}
              </span>
              {waived === null && <span className={css.percent}>{percent} %</span>}
            </button>
            {may && (
              <Button
                size="sm"
                variant="ghost"
                aria-label={
                  waived === null
                    ? `It is right: wave the ${JOINT_LABELS[joint]} through`
                    : `Put the ${JOINT_LABELS[joint]} back`
                }
                onClick={() => {
                  if (waived === null) setNoting(noting === joint ? null : joint);
                  else editor.suspicions.wave(joint, false);
                }}
              >
                {waived === null ? 'It is right' : 'Put back'}
              </Button>
            )}
            {noting === joint && waived === null && (
              <NoteForm
                onDone={(note) => {
                  editor.select(joint);
                  editor.suspicions.wave(joint, true, note);
                  setNoting(null);
                }}
              />
            )}
          </li>
        ))}
      </ul>
      <p className={css.keys}>
        <Kbd>{keyName('suspicion.next')}</Kbd> next suspicious joint{may && <>, </>}
        {may && (
          <>
            <Kbd>{keyName('suspicion.wave')}</Kbd> it is right
          </>
        )}
      </p>
    </Panel>
  );
}

function NoteForm({ onDone }: { onDone: (note: string | null) => void }) {
  const [note, setNote] = useState('');
  return (
    <form
      className={css.note}
      onSubmit={(event) => {
        event.preventDefault();
        onDone(note.trim() || null);
      }}
    >
      <input
        // biome-ignore lint/a11y/noAutofocus: it opens on a press and is the next thing to write in
        autoFocus
        value={note}
        maxLength={MAX_NOTE_LENGTH}
        placeholder="Why (optional)"
        aria-label="Why the joint is right"
        onChange={(event) => setNote(event.target.value)}
      />
      <Button size="sm" type="submit">
        Wave through
      </Button>
    </form>
  );
}
