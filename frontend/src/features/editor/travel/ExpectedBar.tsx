import { useMutation, useQuery } from '@tanstack/react-query';
import { Waypoints } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { answer, http } from '@/shared/api/client';
import { errorMessage } from '@/shared/api/problem';
import { propagationQuery } from '@/shared/api/queries/propagation';
import { queryClient } from '@/shared/api/queryClient';
import type { Propagation, PropagationChange } from '@/shared/api/types';
import { HASTY_S } from '@/shared/domain/rules.gen';
import { count, formatNumber } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Select } from '@/shared/ui/Field';
import { Kbd } from '@/shared/ui/Kbd';
import { showKey } from '../actions/keys';
import { actionById } from '../actions/registry';
import { useEditor, useEditorState } from '../store/context';
import { Falling } from './Falling';
import css from './travel.module.css';
import { camerasOffInWords, checkedInWords, offInWords, oks, percent } from './words';

/** How well the recording's joints are known by now, and how far below that they are to come. */
export function ExpectedBar() {
  const recording = useEditorState((s) => s.recording);
  const mode = useEditorState((s) => s.mode);
  const { data } = useQuery({
    ...propagationQuery(recording.id),
    enabled: mode === 'annotate',
  });
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const leave = (event: PointerEvent): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const onEscape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      setOpen(false);
    };
    window.addEventListener('pointerdown', leave);
    window.addEventListener('keydown', onEscape, { capture: true });
    return () => {
      window.removeEventListener('pointerdown', leave);
      window.removeEventListener('keydown', onEscape, { capture: true });
    };
  }, [open]);
  if (mode !== 'annotate' || data === undefined) return null;
  return (
    <div ref={root} className={css.expected}>
      <button
        type="button"
        className={css.bar}
        aria-expanded={open}
        aria-haspopup="dialog"
        data-reached={data.reached || undefined}
        onClick={() => setOpen(!open)}
      >
        <Summary propagation={data} />
      </button>
      {open && <Details propagation={data} recordingId={recording.id} />}
    </div>
  );
}

function Summary({ propagation }: { propagation: Propagation }) {
  const { enabled, expected_error: error, target, reached, history, off_px: off } = propagation;
  if (!enabled) {
    return (
      <>
        <Waypoints size={14} aria-hidden /> corrections stay where they are
      </>
    );
  }
  if (error === null) {
    return (
      <>
        <Waypoints size={14} aria-hidden /> looking at the whole recording…
      </>
    );
  }
  const first = Math.max(error, target, ...history.map((one) => one.expected_error));
  return (
    <>
      <span className={css.track} aria-hidden>
        <span className={css.fill} style={{ width: `${(100 * error) / first}%` }} />
        <span className={css.target} style={{ left: `${(100 * target) / first}%` }} />
      </span>
      {reached ? (
        <span>What is left is to look</span>
      ) : (
        <span>
          expected error <b>{percent(error)}</b>
        </span>
      )}
      {off === null ? (
        <span className={css.quiet}>{checkedInWords(propagation)}</span>
      ) : (
        <span className={css.off}>labels are off by {off.toFixed(0)} px</span>
      )}
    </>
  );
}

function Details({ propagation, recordingId }: { propagation: Propagation; recordingId: number }) {
  const editor = useEditor();
  const { enabled, expected_error: error, target, reached, history, motion } = propagation;
  const change = useMutation({
    mutationFn: (body: PropagationChange) =>
      answer(
        http.PATCH('/api/v1/recordings/{recording_id}/propagation', {
          params: { path: { recording_id: recordingId } },
          body,
        }),
      ),
    onSuccess: (after) => queryClient.setQueryData(propagationQuery(recordingId).queryKey, after),
    onError: (fault) => editor.notify(`Not changed: ${errorMessage(fault)}`, 'warn'),
  });
  const ask = actionById('travel.ask');
  const cameras = camerasOffInWords(
    propagation.cameras_off,
    editor.state.recording.cameras_list ?? [],
  );
  return (
    <div className={css.details} role="dialog" aria-label="Corrections that travel">
      <h2>Corrections travel</h2>
      {enabled && error !== null && (
        <p>
          {reached
            ? `The expected error, ${percent(error)}, is below the target of ${percent(target)}: what is left is to look.`
            : `An OKS of ${oks(error)} is expected on average over all frames that take part${propagation.may_change ? '' : `; the target is ${oks(target)}`}.`}
        </p>
      )}
      {enabled && propagation.may_change && (
        <Target
          target={target}
          busy={change.isPending}
          onChange={(next) => change.mutate({ target: next })}
        />
      )}
      {enabled && error !== null && <Checked propagation={propagation} />}
      {enabled && cameras !== null && <p className={css.warned}>{cameras}</p>}
      {enabled && rose(history) && (
        <p>
          It rose with the last corrections: they showed that other frames may be wrong in the same
          way, as when sides were exchanged or labels are off everywhere.
        </p>
      )}
      {enabled && history.length > 1 && <Falling history={history} target={target} />}
      <p className={css.quiet}>
        {motion.links === 0
          ? 'Motion between frames is not measured yet: corrections reach less far.'
          : `Motion to the next frame is known of ${formatNumber(motion.links)} of ${count(motion.frames, 'frame')}.`}
      </p>
      <div className={css.acts}>
        {enabled && (
          <Button
            size="sm"
            variant="primary"
            title={ask.label}
            onClick={(event) => ask.perform(editor, event.timeStamp)}
          >
            Next question <Kbd>{showKey(ask.keys[0] ?? '')}</Kbd>
          </Button>
        )}
        {propagation.may_change && (
          <Button
            size="sm"
            busy={change.isPending}
            onClick={() => change.mutate({ enabled: !enabled })}
          >
            {enabled ? 'Take back what travelled' : 'Let corrections travel'}
          </Button>
        )}
      </div>
      <p className={css.quiet}>
        {enabled
          ? 'Taking back removes what was inferred in frames that nobody decided; what people accepted stays. It can be switched on again.'
          : 'Every frame shows its own pre-label. Nothing that people decided changes either way.'}
      </p>
    </div>
  );
}

/** Expected errors that can be aimed at; what is set otherwise is offered as well. */
const TARGETS = [0.01, 0.02, 0.03, 0.05, 0.1];

/** What the questions aim at. */
function Target({
  target,
  busy,
  onChange,
}: {
  target: number;
  busy: boolean;
  onChange: (target: number) => void;
}) {
  const offered = [...new Set([...TARGETS, target])].sort((a, b) => a - b);
  return (
    <div className={css.aimed}>
      <span aria-hidden>It is enough at</span>
      <Select
        aria-label="Target: enough at an expected OKS of"
        value={target}
        disabled={busy}
        onChange={(event) => onChange(Number(event.target.value))}
      >
        {offered.map((one) => (
          <option key={one} value={one}>
            {oks(one)}
          </option>
        ))}
      </Select>
    </div>
  );
}

/** How far the expected error may be believed. */
function Checked({ propagation }: { propagation: Propagation }) {
  const { checked, checks, off_px } = propagation;
  const off = offInWords(off_px);
  return (
    <>
      {off !== null && <p className={css.warned}>{off}</p>}
      <p className={css.quiet}>
        {checked < checks
          ? `This is ${checkedInWords(propagation)}. Now and then a frame is asked that nobody doubts: its answer shows whether the number is true. Frames accepted in playback or in less than ${HASTY_S} s do not count.`
          : `This was ${checkedInWords(propagation)} that nobody doubted: what was wrong there is counted in.`}
      </p>
    </>
  );
}

/** Whether the last solve expects clearly more error than the one before. */
const rose = (history: Propagation['history']): boolean => {
  const [before, now] = history.slice(-2);
  return (
    before !== undefined &&
    now !== undefined &&
    now.expected_error > before.expected_error * CLEARLY_MORE
  );
};

const CLEARLY_MORE = 1.15;
