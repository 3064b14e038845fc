import { errorMessage } from '@/shared/api/problem';
import {
  GROUP_LABELS,
  namePosture,
  POSTURE_LABELS,
  type PostureLabel,
} from '@/shared/domain/postures';
import { POSTURE_GROUPS, POSTURES_OF } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Kbd } from '@/shared/ui/Kbd';
import { useKeyNames } from '../personal/useKeys';
import { useEditor, useEditorParts } from '../store/context';
import css from './postures.module.css';
import { covered, rangeAt, untaken } from './timeline';
import { usePostures } from './usePostures';

/** Over the filmstrip while postures are named: what the number keys mean now. */
export function PosturePalette() {
  const { on } = usePostures((s) => ({ on: s.on }));
  return on ? (
    <section className={css.palette} aria-label="Postures">
      <Here />
      <Keys />
      <Offers />
    </section>
  ) : (
    <Trouble />
  );
}

/** What holds at this frame. */
function Here() {
  const { moment } = useEditorParts((s) => ({ moment: s.frames[s.index]?.moment_index ?? -1 }));
  const { ranges, marked, moments } = usePostures((s) => ({
    ranges: s.ranges,
    marked: s.marked,
    moments: s.moments,
  }));
  const here = rangeAt(ranges, moment);
  return (
    <p className={css.state}>
      <strong>{here === null ? 'No posture' : namePosture(here.label)}</strong>
      <small>
        {marked === null
          ? `${covered(ranges)} of ${moments == null ? '… moments' : count(moments, 'moment')}`
          : `marked: moments ${marked.first + 1}–${marked.last + 1}`}
      </small>
    </p>
  );
}

function Keys() {
  const editor = useEditor();
  const { group, marked } = usePostures((s) => ({ group: s.group, marked: s.marked }));
  const { mode } = useEditorParts((s) => ({ mode: s.mode }));
  const { postures } = editor;
  if (mode !== 'annotate') {
    return <p className={css.note}>Only the annotator who has this recording names postures.</p>;
  }
  const names =
    group === null
      ? POSTURE_GROUPS.map((one) => GROUP_LABELS[one])
      : POSTURES_OF[group].map((one) => POSTURE_LABELS[one]);
  return (
    <ul className={css.keys} aria-label={group === null ? 'Groups' : GROUP_LABELS[group]}>
      {group !== null && <li className={css.in}>{GROUP_LABELS[group]}:</li>}
      {names.map((name, i) => (
        <Key key={name} shown={String(i + 1)} onPress={() => postures.press(i + 1)}>
          {name}
        </Key>
      ))}
      {group === null ? (
        <Key shown="0" onPress={() => postures.place(null)}>
          none {marked === null ? 'from here' : 'there'}
        </Key>
      ) : (
        <>
          <Key shown="Enter" onPress={() => postures.placeGroup()}>
            which is unclear
          </Key>
          <Key shown="Esc" onPress={() => postures.back()}>
            back
          </Key>
        </>
      )}
    </ul>
  );
}

/** What is proposed, and what stands in the way of what was done. */
function Offers() {
  const editor = useEditor();
  const keyName = useKeyNames();
  const { moment, mode } = useEditorParts((s) => ({
    moment: s.frames[s.index]?.moment_index ?? -1,
    mode: s.mode,
  }));
  const { proposals, ranges, group, remarks } = usePostures((s) => ({
    proposals: s.proposals,
    ranges: s.ranges,
    group: s.group,
    remarks: s.remarks,
  }));
  const open = untaken(proposals, ranges);
  const here = rangeAt(open, moment);
  return (
    <div className={css.offers}>
      {mode === 'annotate' && group === null && (
        <>
          {here !== null && (
            <Key shown={keyName('posture.take')} onPress={() => editor.postures.take()}>
              take “{shortName(here.label)}?”
            </Key>
          )}
          {open.length > 0 && (
            <Key shown={keyName('posture.takeAll')} onPress={() => editor.postures.takeAll()}>
              take {open.length === 1 ? 'the proposal' : `all ${open.length} proposals`}
            </Key>
          )}
        </>
      )}
      {open.length > 0 && remarks.length > 0 && (
        <small className={css.note} title={remarks.join(' ')}>
          from joints, unseen
        </small>
      )}
      <Trouble />
    </div>
  );
}

function Trouble() {
  const editor = useEditor();
  const { waiting, fault } = usePostures((s) => ({ waiting: s.waiting, fault: s.fault }));
  const refused = waiting.filter((letter) => letter.refused !== null);
  const first = refused[0];
  if (first !== undefined) {
    return (
      <div className={css.trouble} role="alert">
        <span>
          {count(refused.length, 'change')} of postures not saved: {first.refused}
        </span>
        <Button size="sm" onClick={() => void editor.postures.again()}>
          Paint again
        </Button>
        <Button size="sm" variant="ghost" onClick={() => editor.postures.giveUp()}>
          Give up
        </Button>
      </div>
    );
  }
  if (fault !== null) {
    return (
      <div className={css.trouble} role="alert">
        <span>Postures could not be read: {errorMessage(fault)}</span>
        <Button size="sm" onClick={() => void editor.postures.load()}>
          Try again
        </Button>
      </div>
    );
  }
  return null;
}

const shortName = ({ group, posture }: PostureLabel): string =>
  posture === null ? GROUP_LABELS[group] : POSTURE_LABELS[posture];

interface KeyProps {
  readonly shown: string;
  readonly onPress: () => void;
  readonly children: React.ReactNode;
}

function Key({ shown, onPress, children }: KeyProps) {
  return (
    <li className={css.key}>
      <button
        type="button"
        tabIndex={-1}
        onClick={(event) => {
          event.currentTarget.blur();
          onPress();
        }}
      >
        <Kbd>{shown}</Kbd> {children}
      </button>
    </li>
  );
}
