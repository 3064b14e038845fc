import { JOINTS } from '@/shared/domain/rules.gen';
import { changedJoints, countPresent, jointAt } from '../document/skeleton';
import { useConcerns } from '../frames/useConcerns';
import { useEditorPartsSoon } from '../store/context';
import { JointRow } from './JointRow';
import css from './joints.module.css';
import { Panel } from './Panel';
import panels from './panels.module.css';

/** All seventeen joints: what is seen, what is placed under something, what is not there. */
export function JointsPanel() {
  const { document, selected, mode, previous } = useEditorPartsSoon((s) => ({
    document: s.document,
    selected: s.selected,
    mode: s.mode,
    previous: s.frame?.doc.previous ?? null,
  }));
  const { concerned, scores } = useConcerns(useEditorPartsSoon);
  const skeleton = document?.skeleton ?? null;
  const changed = previous === null ? [] : changedJoints(previous.joints, skeleton);
  return (
    <Panel
      title="Joints"
      aside={<span className={panels.number}>{countPresent(skeleton)} / 17</span>}
    >
      <ul className={css.joints}>
        {JOINTS.map((name, i) => {
          const { v } = jointAt(skeleton, i);
          return (
            <JointRow
              key={name}
              joint={i}
              visibility={v}
              score={v === 0 ? null : (scores?.[i] ?? null)}
              selected={selected === i}
              changed={changed.includes(i)}
              concerned={concerned.has(i)}
              mayChoose={mode === 'annotate' && selected === i}
            />
          );
        })}
      </ul>
    </Panel>
  );
}
