import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import panels from '@/features/editor/panels/panels.module.css';
import { VISIBILITY_WORDS } from '@/shared/domain/bones';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import type { TrustedAgreement } from '@/shared/geometry/views';
import { Button } from '@/shared/ui/Button';
import { cx } from '@/shared/ui/cx';
import { Kbd } from '@/shared/ui/Kbd';
import { jointAt } from '../document/skeleton';
import { Panel } from '../panels/Panel';
import { useKeyNames } from '../personal/useKeys';
import { useEditor, useEditorParts } from '../store/context';
import type { Consensus } from './consensus';
import { useConsensus } from './useConsensus';
import css from './viewsPanel.module.css';

/** What the views say of the selected joint, or which joints they disagree on. */
export function ViewsPanel() {
  const { on, selected, recording, calibrated, thresholdPx } = useEditorParts((s) => ({
    on: s.panes.size > 0,
    selected: s.selected,
    recording: s.recording,
    calibrated: s.calibration !== null,
    thresholdPx: s.views.thresholdPx,
  }));
  const consensus = useConsensus();
  if (!on) return null;
  return (
    <Panel title="Views" aside={<Threshold value={thresholdPx} />}>
      {consensus.joints.length === 0 ? (
        <p className={panels.quiet}>
          {calibrated ? 'Fewer than two cameras have a place.' : 'No calibration is in use.'}{' '}
          <Link
            to="/recordings/$recordingId/cameras"
            params={{ recordingId: String(recording.id) }}
          >
            Cameras
          </Link>{' '}
          says more.
        </p>
      ) : selected === null ? (
        <Disagreements consensus={consensus} />
      ) : (
        <JointInViews consensus={consensus} joint={selected} />
      )}
      {consensus.joints.length > 0 && <AcceptButtons body={selected === null} />}
    </Panel>
  );
}

function Threshold({ value }: { value: number }) {
  const editor = useEditor();
  return (
    <label
      className={css.threshold}
      title="From this distance on, a view counts as disagreeing with the others"
    >
      limit
      <input
        type="number"
        min={1}
        max={200}
        defaultValue={value}
        onBlur={(event) => {
          const px = Number(event.target.value);
          if (px >= 1 && px <= 200) editor.views.change({ thresholdPx: px });
          else event.target.value = String(value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
        }}
      />
      px
    </label>
  );
}

/** One line per camera: how it has the joint, and how far that is from the point. */
function JointInViews({ consensus, joint }: { consensus: Consensus; joint: number }) {
  const editor = useEditor();
  const found = consensus.joints[joint] as TrustedAgreement;
  return (
    <>
      <p className={css.says} data-testid="views-say">
        <strong>{JOINT_LABELS[joint]}</strong>
        {verdictOf((camera) => editor.views.nameOf(camera), consensus, found)}
      </p>
      <ul className={css.rows}>
        {consensus.views.map((view, i) => {
          const mark = jointAt(view.document?.skeleton ?? null, joint);
          const error = found.errors[i] ?? null;
          return (
            <li key={view.camera}>
              <button
                type="button"
                className={cx(css.row, found.disagrees[i] && css.wrong)}
                onClick={() => editor.views.activate(view.camera, true)}
              >
                <span>{editor.views.nameOf(view.camera)}</span>
                <span className={css.seen}>
                  {view.document === null ? 'left out' : VISIBILITY_WORDS[mark.v]}
                </span>
                <span className={css.px}>
                  {found.disagrees[i] && <TriangleAlert size={12} aria-label="disagrees" />}
                  {error === null ? '–' : `${error.toFixed(1)} px`}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function verdictOf(
  nameOf: (camera: number) => string,
  { views }: Consensus,
  { agreed, point, disagrees }: TrustedAgreement,
): string {
  if (point === null) return ' is in fewer than two views.';
  if (!agreed) return ': no two views agree.';
  const wrong = views.filter((_, i) => disagrees[i]).map(({ camera }) => nameOf(camera));
  if (wrong.length === 0) return ': the views agree.';
  return `: ${wrong.join(' and ')} ${wrong.length === 1 ? 'disagrees' : 'disagree'}.`;
}

/** Joints of this moment on which a view disagrees; a click leads there. */
function Disagreements({ consensus }: { consensus: Consensus }) {
  const editor = useEditor();
  const wrong = consensus.joints.flatMap((found, joint) =>
    consensus.views.flatMap(({ camera }, i) =>
      found.disagrees[i] ? [{ joint, camera, error: found.errors[i] ?? null }] : [],
    ),
  );
  const placed = consensus.joints.filter((found) => found.agreed).length;
  wrong.sort((a, b) => (b.error ?? 0) - (a.error ?? 0));
  if (wrong.length === 0) {
    return (
      <p className={css.says} data-testid="views-say">
        {placed === 0
          ? 'No joint is in two views yet. Place it in two, and the others follow.'
          : `${placed} of 17 joints are in two views or more, and those agree.`}
      </p>
    );
  }
  return (
    <ul className={css.rows} aria-label="Disagreeing views">
      {wrong.slice(0, 6).map(({ joint, camera, error }) => (
        <li key={`${joint}-${camera}`}>
          <button
            type="button"
            className={cx(css.row, css.wrong)}
            onClick={() => {
              if (editor.views.activate(camera, true)) editor.select(joint);
            }}
          >
            <span>{JOINT_LABELS[joint]}</span>
            <span className={css.seen}>{editor.views.nameOf(camera)}</span>
            <span className={css.px}>
              <TriangleAlert size={12} aria-label="disagrees" />
              {error === null ? '–' : `${error.toFixed(0)} px`}
            </span>
          </button>
        </li>
      ))}
      {wrong.length > 6 && <li className={panels.quiet}>and {wrong.length - 6} more</li>}
    </ul>
  );
}

/** The keys as buttons: a joint where one is selected, else the whole body. */
function AcceptButtons({ body }: { body: boolean }) {
  const editor = useEditor();
  const keyName = useKeyNames();
  const mode = useEditorParts((s) => ({ mode: s.mode })).mode;
  if (mode !== 'annotate') return null;
  const joints = body ? 'body' : 'selected';
  return (
    <div className={css.accept}>
      <Button
        size="sm"
        title={body ? 'Whole body, in this camera' : 'This joint, in this camera'}
        onClick={() => editor.views.accept({ joints, panes: 'active' })}
      >
        Take {body ? 'body' : 'joint'} here{' '}
        <Kbd>{keyName(body ? 'views.acceptBody' : 'views.accept')}</Kbd>
      </Button>
      <Button
        size="sm"
        title={body ? 'Whole body, in every camera' : 'This joint, in every camera'}
        onClick={() => editor.views.accept({ joints, panes: 'all' })}
      >
        In all <Kbd>{keyName(body ? 'views.acceptBodyEverywhere' : 'views.acceptEverywhere')}</Kbd>
      </Button>
    </div>
  );
}
