import { ChevronDown, CircleCheck, TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { DOUBT_NAMES, JOINT_LABELS, MAX_NOTE_LENGTH } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Kbd } from '@/shared/ui/Kbd';
import { concernsAbout } from '../frames/navigation';
import { useConcerns } from '../frames/useConcerns';
import { useKeyNames } from '../personal/useKeys';
import { useEditor, useEditorPartsSoon } from '../store/context';
import { inLines, type Worry } from '../suspicion/worries';
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
  const row = (worry: Worry) => {
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
  };
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
        {inLines(worries).map((line) =>
          line.length === 1 ? (
            line.map(row)
          ) : (
            <ManyRows key={`${item?.id} ${line[0]?.doubt}`} worries={line} may={may} row={row} />
          ),
        )}
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

interface ManyRowsProps {
  worries: readonly Worry[];
  may: boolean;
  row: (worry: Worry) => ReactNode;
}

/** The same doubt about many joints: one line, which opens; the selected joint's own always shows. */
function ManyRows({ worries, may, row }: ManyRowsProps) {
  const editor = useEditor();
  const { selected } = useEditorPartsSoon((s) => ({ selected: s.selected }));
  const [open, setOpen] = useState(false);
  const [first] = worries;
  if (first === undefined) return null;
  const joints = [...new Set(worries.flatMap((worry) => worry.joints))];
  const many = count(joints.length, 'joint');
  const { doubt, waived } = first;
  const words =
    waived === null
      ? `${many}: ${DOUBT_NAMES[doubt]}.`
      : `${many} (${DOUBT_NAMES[doubt]}): ${waivedWords(waived)}`;
  const Icon = waived === null ? TriangleAlert : CircleCheck;
  const answer = waived === null ? 'They are right' : 'Put back';
  const shown = open ? worries : worries.filter((one) => one.joints[0] === selected);
  return (
    <>
      <li data-waived={waived !== null || undefined} data-doubt={doubt}>
        <button
          type="button"
          className={css.reason}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <Icon size={14} aria-hidden />
          <span>{words}</span>
          <ChevronDown size={14} aria-hidden className={css.fold} />
        </button>
        {may && (
          <Button
            size="sm"
            variant="ghost"
            aria-label={`${answer}: ${many}`}
            onClick={() => {
              editor.suspicions.wave({ ...first, joints }, waived === null);
              editor.notify(`${many} ${waived === null ? 'waved through' : 'back in the queue'}.`);
            }}
          >
            {answer}
          </Button>
        )}
      </li>
      {shown.map(row)}
    </>
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
            : `${name} (${DOUBT_NAMES[doubt]}): ${waivedWords(waived)}`}
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

const waivedWords = ({ name, note }: NonNullable<Worry['waived']>): string =>
  `waved through by ${name}${note ? `: ${note}` : '.'}`;

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
