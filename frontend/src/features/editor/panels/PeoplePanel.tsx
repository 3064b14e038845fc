import { Baby, User } from 'lucide-react';
import type { FrameDocument } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import { Badge } from '@/shared/ui/Badge';
import { cx } from '@/shared/ui/cx';
import { changedJoints, countPresent } from '../document/skeleton';
import { isUnscored } from '../frames/scores';
import { useConcerns } from '../frames/useConcerns';
import { useKeyNames } from '../personal/useKeys';
import { useEditor, useEditorPartsSoon } from '../store/context';
import { takenIn } from '../travel/estimates';
import { Panel } from './Panel';
import panels from './panels.module.css';
import css from './people.module.css';

function keptApart(apart: FrameDocument['apart']): string {
  const crowds = apart.filter((a) => a.why === 'crowd').length;
  const bare = apart.length - crowds;
  const kinds = [
    bare ? count(bare, 'person without joints', 'people without joints') : null,
    crowds ? count(crowds, 'crowd') : null,
  ];
  return `Also in the imported file, kept apart: ${kinds.filter(Boolean).join(', ')}.`;
}

/** Who is the infant, and who else is in the frame. */
export function PeoplePanel() {
  const editor = useEditor();
  const { frame, document, mode, inferred } = useEditorPartsSoon((s) => ({
    frame: s.frame,
    document: s.document,
    mode: s.mode,
    inferred: s.inferred !== null,
  }));
  const { modified } = useConcerns(useEditorPartsSoon);
  const keyName = useKeyNames();
  const by = (action: string): string => (keyName(action) === '' ? '' : ` (${keyName(action)})`);
  if (frame === null) return null;
  const taken = takenIn(frame.doc.annotation);
  const asInferred =
    taken !== null && changedJoints(taken, document?.skeleton ?? null).length === 0;
  const how = inferred || asInferred ? ', joints inferred' : modified ? ', corrected' : '';
  const people = [...frame.doc.candidates].sort((a, b) => a.rank - b.rank);
  const byHand = document !== null && document.candidateId === null && document.skeleton !== null;
  return (
    <Panel title="Infant">
      <ul className={css.people}>
        {byHand && (
          <li className={cx(css.person, css.chosen)}>
            <Baby size={15} aria-hidden />
            <span>{inferred || asInferred ? 'inferred from other frames' : 'placed by hand'}</span>
            <span className={panels.number}>{countPresent(document.skeleton)} / 17</span>
          </li>
        )}
        {people.map((person, i) => {
          const chosen = person.id === document?.candidateId;
          const Icon = chosen ? Baby : User;
          return (
            <li key={person.id}>
              <button
                type="button"
                className={cx(css.person, chosen && css.chosen)}
                aria-pressed={chosen}
                disabled={mode !== 'annotate'}
                onMouseEnter={() =>
                  editor.set({ hover: { kind: 'person', candidateId: person.id } })
                }
                onMouseLeave={() => editor.set({ hover: { kind: 'nothing' } })}
                onClick={() => {
                  if (chosen && !modified) return;
                  editor.perform(
                    [{ type: 'chooseCandidate', candidateId: person.id }],
                    'Choose the infant',
                  );
                }}
              >
                <Icon size={15} aria-hidden />
                <span>{chosen ? `chosen${how}` : `person ${i + 1}`}</span>
                {person.simulated && (
                  <Badge tone="warn" title={`Made by ${person.model}, not by a real model`}>
                    simulated
                  </Badge>
                )}
                <span
                  className={panels.number}
                  title={
                    isUnscored(person) ? 'The file gives no score' : `score of ${person.model}`
                  }
                >
                  {isUnscored(person) ? '–' : person.score.toFixed(2)}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {frame.doc.apart.length > 0 && <p className={panels.quiet}>{keptApart(frame.doc.apart)}</p>}
      {people.length === 0 && byHand && (inferred || asInferred) && (
        <p className={panels.quiet}>
          The model found nobody in this picture. If no infant is there, discard the frame
          {by('discard')}.
        </p>
      )}
      {people.length === 0 && !byHand && (
        <p className={panels.quiet}>
          No candidates here. Place joints from scratch{by('tool.nothing')}, or discard the frame
          {by('discard')}.
        </p>
      )}
    </Panel>
  );
}
