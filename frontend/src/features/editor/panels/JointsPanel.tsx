import { colourOf, VISIBILITY_WORDS } from '@/shared/domain/bones';
import { JOINT_LABELS, JOINTS, type Visibility } from '@/shared/domain/rules.gen';
import { cx } from '@/shared/ui/cx';
import * as edits from '../actions/edits';
import { changedJoints, countPresent, jointAt } from '../document/skeleton';
import { useConcerns } from '../frames/useConcerns';
import { useKeyNames } from '../personal/useKeys';
import { useEditor, useEditorPartsSoon } from '../store/context';
import css from './joints.module.css';
import { Panel } from './Panel';
import panels from './panels.module.css';

const CHOICES: readonly { visibility: Visibility; action: string }[] = [
  { visibility: 2, action: 'joint.visible' },
  { visibility: 1, action: 'joint.occluded' },
  { visibility: 0, action: 'joint.absent' },
];

/** All seventeen joints: what is seen, what is placed under something, what is not there. */
export function JointsPanel() {
  const editor = useEditor();
  const { document, selected, mode, previous } = useEditorPartsSoon((s) => ({
    document: s.document,
    selected: s.selected,
    mode: s.mode,
    previous: s.frame?.doc.previous ?? null,
  }));
  const { concerned, scores } = useConcerns(useEditorPartsSoon);
  const keyName = useKeyNames();
  const skeleton = document?.skeleton ?? null;
  const changed = previous === null ? [] : changedJoints(previous.joints, skeleton);

  const set = (joint: number, visibility: Visibility): void => {
    editor.select(joint);
    edits.setVisibilityOf(editor, joint, visibility);
  };

  return (
    <Panel
      title="Joints"
      aside={<span className={panels.number}>{countPresent(skeleton)} / 17</span>}
    >
      <ul className={css.joints}>
        {JOINTS.map((name, i) => {
          const joint = jointAt(skeleton, i);
          const score = joint.v === 0 ? undefined : scores?.[i];
          const word = VISIBILITY_WORDS[joint.v];
          return (
            <li key={name} className={cx(css.joint, selected === i && css.jointSelected)}>
              <button
                type="button"
                className={css.jointName}
                aria-pressed={selected === i}
                onClick={() => editor.select(selected === i ? null : i)}
                onMouseEnter={() => editor.set({ hover: { kind: 'joint', joint: i } })}
                onMouseLeave={() => editor.set({ hover: { kind: 'nothing' } })}
              >
                <span className="visually-hidden">
                  {[
                    `${JOINT_LABELS[i]}: ${word}`,
                    ...(score === undefined ? [] : [`score ${shortScore(score)}`]),
                    ...(changed.includes(i) ? ['changed since the last round'] : []),
                    ...(concerned.has(i) ? ['look twice'] : []),
                  ].join(', ')}
                </span>
                <VisibilityGlyph visibility={joint.v} colour={colourOf(i)} />
                <span aria-hidden>{JOINT_LABELS[i]}</span>
                {changed.includes(i) && (
                  <span className={css.changed} title="changed since the last round" aria-hidden>
                    ∆
                  </span>
                )}
                {concerned.has(i) && (
                  <span className={css.concern} title="look twice" aria-hidden>
                    !
                  </span>
                )}
                <span className={css.score} aria-hidden>
                  {score === undefined ? '–' : shortScore(score)}
                </span>
              </button>
              {mode === 'annotate' && selected === i && (
                <span className={css.choices}>
                  {CHOICES.map(({ visibility, action }) => (
                    <button
                      key={visibility}
                      type="button"
                      aria-pressed={joint.v === visibility}
                      aria-label={`${JOINT_LABELS[i]} ${VISIBILITY_WORDS[visibility]}`}
                      title={`${VISIBILITY_WORDS[visibility]} (${keyName(action)})`}
                      onClick={() => set(i, visibility)}
                    >
                      <VisibilityGlyph visibility={visibility} colour="currentColor" />
                      {VISIBILITY_WORDS[visibility]}
                    </button>
                  ))}
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
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
