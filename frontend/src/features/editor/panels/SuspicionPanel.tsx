import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { DOUBT_NAMES, JOINT_LABELS, MAX_NOTE_LENGTH } from '@/shared/domain/rules.gen';
import { Button } from '@/shared/ui/Button';
import { Kbd } from '@/shared/ui/Kbd';
import { concernsAbout } from '../frames/navigation';
import { useConcerns } from '../frames/useConcerns';
import { useKeyNames } from '../personal/useKeys';
import { useEditor, useEditorPartsSoon } from '../store/context';
import type { Worry } from '../suspicion/worries';
import { Panel } from './Panel';
import panels from './panels.module.css';
import css from './suspicion.module.css';

/**
 * What deserves a second look in this frame, each once: what the queue doubts, what is checked
 * while a hand drags, and the picture. Go there, mend it, or wave it through.
 */
export function SuspicionPanel() {
  const { frames, index, mode } = useEditorPartsSoon((s) => ({
    frames: s.frames,
    index: s.index,
    mode: s.mode,
  }));
  const { worries } = useConcerns(useEditorPartsSoon);
  const keyName = useKeyNames();
  const [noting, setNoting] = useState<string | null>(null);
  const item = frames[index];
  const flags = item === undefined ? [] : concernsAbout(item);
  if (worries.length === 0 && flags.length === 0) return null;
  const open = worries.filter(({ waived }) => waived === null).length;
  const may = mode === 'annotate' || mode === 'inspect';
  const [next, right] = [keyName('suspicion.next'), keyName('suspicion.wave')];
  return (
    <Panel
      title="Look twice"
      aside={
        worries.length > 0 && (
          <span className={panels.number}>{open > 0 ? open : 'all answered'}</span>
        )
      }
    >
      <ul className={css.joints}>
        {worries.map((worry) => {
          const key = `${item?.id} ${worry.doubt} ${worry.joints.join(' ')}`;
          return (
            <WorryRow
              key={key}
              worry={worry}
              may={may}
              noting={noting === key}
              onNoting={(on) => setNoting(on ? key : null)}
            />
          );
        })}
        {flags.map((flag) => (
          <li key={flag} className={css.flag}>
            <TriangleAlert size={14} aria-hidden />
            <span>This frame: {flag}.</span>
          </li>
        ))}
      </ul>
      {worries.length > 0 && (
        <p className={css.keys}>
          {next !== '' && (
            <>
              <Kbd>{next}</Kbd> next suspicious joint
            </>
          )}
          {may && right !== '' && (
            <>
              {next !== '' && ' · '}
              <Kbd>{right}</Kbd> it is right
            </>
          )}
        </p>
      )}
    </Panel>
  );
}

interface WorryRowProps {
  worry: Worry;
  may: boolean;
  noting: boolean;
  onNoting: (on: boolean) => void;
}

function WorryRow({ worry, may, noting, onNoting }: WorryRowProps) {
  const editor = useEditor();
  const { selected, mode } = useEditorPartsSoon((s) => ({ selected: s.selected, mode: s.mode }));
  const { doubt, joints, percent, waived, whole } = worry;
  const [first = null] = joints;
  const swap = useKeyNames()('swap.all');
  const name = whole || first === null ? 'whole body' : (JOINT_LABELS[first] ?? '');
  const Icon = waived === null ? TriangleAlert : CircleCheck;
  return (
    <li data-waived={waived !== null || undefined} data-doubt={doubt}>
      <button
        type="button"
        className={css.reason}
        aria-pressed={!whole && selected === first}
        disabled={whole}
        onClick={() => editor.select(first)}
      >
        <Icon size={14} aria-hidden />
        <span>
          {waived === null
            ? sentenceOf(worry)
            : `${name} (${DOUBT_NAMES[doubt]}): waved through by ${waived.name}${waived.note ? `: ${waived.note}` : '.'}`}
          {waived === null && doubt === 'exchanged' && mode === 'annotate' && swap !== '' && (
            <>
              {' '}
              <Kbd>{swap}</Kbd> swaps all.
            </>
          )}
        </span>
        {waived === null && percent !== null && (
          <span className={css.percent} title="How likely it needs a hand">
            {percent} %
          </span>
        )}
      </button>
      {may && (
        <Button
          size="sm"
          variant="ghost"
          aria-label={waived === null ? `It is right: ${name}` : `Put back: ${name}`}
          onClick={() => {
            if (waived === null) onNoting(!noting);
            else editor.suspicions.wave(worry, false);
          }}
        >
          {waived === null ? 'It is right' : 'Put back'}
        </Button>
      )}
      {noting && waived === null && (
        <NoteForm
          onDone={(note) => {
            editor.suspicions.wave(worry, true, note);
            onNoting(false);
          }}
          onCancel={() => onNoting(false)}
        />
      )}
    </li>
  );
}

/** The plainest reason, and what else speaks against the joint. */
const sentenceOf = ({ sentence, also }: Worry): string =>
  also.length === 0
    ? sentence
    : `${sentence} Also: ${also.map((doubt) => DOUBT_NAMES[doubt]).join(', ')}.`;

interface NoteFormProps {
  onDone: (note: string | null) => void;
  onCancel: () => void;
}

function NoteForm({ onDone, onCancel }: NoteFormProps) {
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
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          onCancel();
        }}
      />
      <Button size="sm" type="submit">
        Wave through
      </Button>
    </form>
  );
}
