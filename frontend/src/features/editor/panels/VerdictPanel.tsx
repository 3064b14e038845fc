import { Check, Lock, RefreshCw, SquareDashedMousePointer, X } from 'lucide-react';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { FRAME_STATE_LABELS, REASON_LABELS } from '@/shared/domain/words';
import { Badge } from '@/shared/ui/Badge';
import { Button } from '@/shared/ui/Button';
import { FrameStateDot } from '@/shared/ui/FrameStateDot';
import { Kbd } from '@/shared/ui/Kbd';
import { actionById } from '../actions/registry';
import { countPresent, stateOf } from '../document/skeleton';
import { useKeyNames } from '../personal/useKeys';
import { boxIn } from '../store/boxShown';
import { useEditor, useEditorPartsSoon } from '../store/context';
import { takenIn } from '../travel/estimates';
import panels from './panels.module.css';
import css from './verdict.module.css';

/** What is decided about this frame, and the keys that decide. */
export function VerdictPanel() {
  const { document, frame, box, item, mode } = useEditorPartsSoon((s) => ({
    document: s.document,
    frame: s.frame,
    box: boxIn(s),
    item: s.frames[s.index] ?? null,
    mode: s.mode,
  }));
  if (frame === null || item === null) return null;
  const state =
    document === null
      ? item.state
      : stateOf(document, frame.candidates, takenIn(frame.doc.annotation));
  const shown = item.returned ? 'returned' : state;
  const reason = document?.decision.reason;
  // Without joints there is nothing to accept: the next step is to discard, or to place them.
  const empty = document !== null && countPresent(document.skeleton) === 0;
  return (
    <section className={css.verdict} aria-label="Verdict">
      <div className={css.verdictState}>
        <FrameStateDot state={shown} size={16} decorative />
        <strong data-testid="frame-state">{FRAME_STATE_LABELS[shown]}</strong>
        {reason && (
          <span className={panels.quiet}>{document.decision.text ?? REASON_LABELS[reason]}</span>
        )}
        {item.in_playback && (
          <Badge tone="info" title="Seen in passing, and not looked at by itself since">
            in playback
            {frame.doc.annotation.playback_fps != null &&
              `, ${frame.doc.annotation.playback_fps} a second`}
          </Badge>
        )}
        {mode === 'inspect' && item.mark !== null && (
          <Badge tone={item.mark === 'good' ? 'ok' : 'danger'}>
            {item.mark === 'good' ? 'good' : 'to revise'}
          </Badge>
        )}
        {mode !== 'inspect' && box !== null && (
          <Badge tone={BOX_TONES[box.status]}>
            box {box.status.replace('_', ' ')}
            {box.stale ? ', stale' : ''}
          </Badge>
        )}
        {mode === 'boxes' && box === null && state !== 'discarded' && (
          <Badge tone="warn">no box yet</Badge>
        )}
        {mode !== 'inspect' && box?.simulated && (
          <Badge tone="warn" title="The demo's known mask, not one that a model made">
            simulated mask
          </Badge>
        )}
        {item.changed && mode === 'inspect' && <Badge tone="info">changed</Badge>}
      </div>
      <div className={css.verdictActions}>
        {mode === 'annotate' && (
          <>
            <Act
              id="accept"
              variant={empty ? 'secondary' : 'primary'}
              icon={<Check size={15} />}
              text="Accept"
            />
            <Act
              id="discard"
              variant={empty ? 'primary' : 'secondary'}
              icon={<X size={15} />}
              text="Discard"
            />
          </>
        )}
        {mode === 'inspect' && (
          <>
            <Act
              id="mark.good"
              variant={item.mark === 'revise' ? 'secondary' : 'primary'}
              icon={<Check size={15} />}
              text="Good"
            />
            <Act
              id="mark.revise"
              variant={item.mark === 'revise' ? 'primary' : 'secondary'}
              icon={<RefreshCw size={15} />}
              text="Revise"
            />
          </>
        )}
        {mode === 'boxes' && box === null && (
          <Act
            id="box.aroundJoints"
            variant="primary"
            icon={<SquareDashedMousePointer size={15} />}
            text="Box around joints"
          />
        )}
        {mode === 'boxes' && box !== null && (
          <>
            {box.stale ? (
              <Act
                id="box.keep"
                variant="primary"
                icon={<SquareDashedMousePointer size={15} />}
                text="Keep the box"
              />
            ) : (
              <Act id="box.approve" variant="primary" icon={<Check size={15} />} text="Approve" />
            )}
            <Act id="box.sendBack" icon={<RefreshCw size={15} />} text="Send back" />
          </>
        )}
      </div>
      <Refused />
      {mode === 'annotate' && <Locked />}
    </section>
  );
}

/** The server did not take what was done here: it is kept, and one may try again or give it up. */
function Refused() {
  const editor = useEditor();
  const { id, refused } = useEditorPartsSoon((s) => ({
    id: s.frame?.doc.id ?? null,
    refused: s.refused,
  }));
  if (id === null || !refused.includes(id)) return null;
  return (
    <div role="alert" className={css.refused}>
      <p>
        <strong>Not saved.</strong> {editor.queue.refusedOf(id)} What you did is kept on this
        computer, and shown here only.
      </p>
      <Button size="sm" onClick={() => editor.open('unsaved')}>
        Try again, or give it up
      </Button>
    </div>
  );
}

/** What of a frame the inspector left open, where that is not all of it. */
function Locked() {
  const { approved, open } = useEditorPartsSoon((s) => ({
    approved: s.frame?.doc.approved_round ?? null,
    open: s.frame?.doc.open_joints ?? null,
  }));
  if (approved === null && open === null) return null;
  return (
    <p className={css.locked}>
      {approved !== null ? <Lock size={13} aria-hidden /> : <RefreshCw size={13} aria-hidden />}
      {approved !== null
        ? `Approved in round ${approved}, and locked.`
        : `Sent back: ${(open ?? []).map((joint) => JOINT_LABELS[joint]).join(', ')}. You may correct other joints too; the inspector sees which.`}
    </p>
  );
}

const BOX_TONES = { proposed: 'neutral', approved: 'ok', sent_back: 'danger' } as const;

function Act({
  id,
  text,
  icon,
  variant = 'secondary',
}: {
  id: string;
  text: string;
  icon: React.ReactNode;
  variant?: 'primary' | 'secondary';
}) {
  const editor = useEditor();
  const action = actionById(id);
  const key = useKeyNames()(id);
  return (
    <Button
      variant={variant}
      icon={icon}
      title={action.label}
      onClick={(event) => {
        event.currentTarget.blur();
        action.perform(editor, event.timeStamp);
      }}
    >
      {text}
      {key && <Kbd>{key}</Kbd>}
    </Button>
  );
}
