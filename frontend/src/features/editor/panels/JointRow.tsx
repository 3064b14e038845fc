import { memo } from 'react';
import { colourOf, VISIBILITY_WORDS } from '@/shared/domain/bones';
import { JOINT_LABELS, type Visibility } from '@/shared/domain/rules.gen';
import { cx } from '@/shared/ui/cx';
import * as edits from '../actions/edits';
import { useKeyNames } from '../personal/useKeys';
import { useEditor } from '../store/context';
import css from './joints.module.css';

const CHOICES: readonly { visibility: Visibility; action: string }[] = [
  { visibility: 2, action: 'joint.visible' },
  { visibility: 1, action: 'joint.occluded' },
  { visibility: 0, action: 'joint.absent' },
];

interface JointRowProps {
  joint: number;
  visibility: Visibility;
  /** The model's; null where there is none. */
  score: number | null;
  selected: boolean;
  changed: boolean;
  concerned: boolean;
  /** Whether its visibility may be chosen here. */
  mayChoose: boolean;
}

/** One joint of the list; it renders again only where something of it changed. */
export const JointRow = memo(function JointRow({
  joint,
  visibility,
  score,
  selected,
  changed,
  concerned,
  mayChoose,
}: JointRowProps) {
  const editor = useEditor();
  const label = JOINT_LABELS[joint] ?? '';
  return (
    <li className={cx(css.joint, selected && css.jointSelected)}>
      <button
        type="button"
        className={css.jointName}
        aria-pressed={selected}
        onClick={() => editor.select(selected ? null : joint)}
        onMouseEnter={() => editor.set({ hover: { kind: 'joint', joint } })}
        onMouseLeave={() => editor.set({ hover: { kind: 'nothing' } })}
      >
        <span className="visually-hidden">
          {[
            `${label}: ${VISIBILITY_WORDS[visibility]}`,
            ...(score === null ? [] : [`score ${shortScore(score)}`]),
            ...(changed ? ['changed since the last round'] : []),
            ...(concerned ? ['look twice'] : []),
          ].join(', ')}
        </span>
        <VisibilityGlyph visibility={visibility} colour={colourOf(joint)} />
        <span aria-hidden>{label}</span>
        {changed && (
          <span className={css.changed} title="changed since the last round" aria-hidden>
            ∆
          </span>
        )}
        {concerned && (
          <span className={css.concern} title="look twice" aria-hidden>
            !
          </span>
        )}
        <span className={css.score} aria-hidden>
          {score === null ? '–' : shortScore(score)}
        </span>
      </button>
      {mayChoose && <Choices joint={joint} chosen={visibility} />}
    </li>
  );
});

function Choices({ joint, chosen }: { joint: number; chosen: Visibility }) {
  const editor = useEditor();
  const keyName = useKeyNames();
  return (
    <span className={css.choices}>
      {CHOICES.map(({ visibility, action }) => (
        <button
          key={visibility}
          type="button"
          aria-pressed={chosen === visibility}
          aria-label={`${JOINT_LABELS[joint]} ${VISIBILITY_WORDS[visibility]}`}
          title={`${VISIBILITY_WORDS[visibility]} (${keyName(action)})`}
          onClick={() => {
            editor.select(joint);
            edits.setVisibilityOf(editor, joint, visibility);
          }}
        >
          <VisibilityGlyph visibility={visibility} colour="currentColor" />
          {VISIBILITY_WORDS[visibility]}
        </button>
      ))}
    </span>
  );
}

/** `.98`, as scores never exceed one. */
const shortScore = (score: number): string => score.toFixed(2).replace(/^0/, '');

/** Filled: seen. Ring: under something. Dashed: not there. */
function VisibilityGlyph({ visibility, colour }: { visibility: Visibility; colour: string }) {
  return (
    <svg width={12} height={12} viewBox="-6 -6 12 12" aria-hidden>
      {visibility === 2 && <circle r={4.5} fill={colour} />}
      {visibility === 1 && <circle r={3.75} fill="none" stroke={colour} strokeWidth={2} />}
      {visibility === 0 && (
        <circle r={4} fill="none" stroke="var(--text-3)" strokeWidth={1} strokeDasharray="2 2" />
      )}
    </svg>
  );
}
