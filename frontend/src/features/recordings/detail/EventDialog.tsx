import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useOpenEditor } from '@/features/recordings/parts/useOpenEditor';
import { ApiProblem, errorMessage, isStatus } from '@/shared/api/problem';
import { framesQuery, useFireEvent } from '@/shared/api/queries/recordings';
import type { RecordingDetail } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import type { Event } from '@/shared/domain/rules.gen';
import { BY_HAND_HELP, BY_HAND_LABEL, EVENT_HELP, EVENT_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { ConfirmDialog, Notice, toast } from '@/shared/ui';
import css from './EventDialog.module.css';
import { boxSources, PrelabelChoice, usePrelabelWeights } from './PrelabelChoice';

const NOTES: Partial<Record<Event, { label: string; help?: string; required?: boolean }>> = {
  return: {
    label: 'Note to the annotator',
    help: 'Stands above your marks and comments. Needed when there are none.',
  },
  return_boxes: {
    label: 'Note to the annotator',
    help: 'Needed when no box was sent back.',
  },
  approve_keypoints: { label: 'Note' },
  approve: { label: 'Note' },
  submit: { label: 'Note to the inspector' },
  submit_boxes: { label: 'Note to the inspector' },
  reopen: {
    label: 'Why it is reopened',
    help: 'Written into the log, where everybody sees it.',
    required: true,
  },
};

/** Frames that a refusal names, as links into the editor. */
function FramesInTheWay({ recordingId, problem }: { recordingId: number; problem: ApiProblem }) {
  const { data: frames = [] } = useQuery(framesQuery(recordingId));
  const ids = ['undecided', 'unaddressed', 'missing', 'stale', 'sent_back'].flatMap((key) => {
    const value = problem.body[key];
    return Array.isArray(value) ? (value as number[]) : [];
  });
  const named = frames.filter((f) => ids.includes(f.id));
  if (!named.length) return null;
  const shown = named.slice(0, 12);
  return (
    <p className={css.frames}>
      Frames{' '}
      {shown.map((frame) => (
        <Link
          key={frame.id}
          to="/recordings/$recordingId/frames/$frame"
          params={{ recordingId: String(recordingId), frame: frameParam(frame.position) }}
        >
          {frame.position + 1}
        </Link>
      ))}
      {named.length > shown.length ? ` and ${named.length - shown.length} more` : ''}
    </p>
  );
}

interface EventDialogProps {
  recording: RecordingDetail;
  event: Event;
  /** Boxes without a model. */
  byHand?: boolean;
  onClose: () => void;
}

/** Says what an event does, asks for a note where one helps, and fires it. */
export function EventDialog({ recording, event, byHand = false, onClose }: EventDialogProps) {
  const fire = useFireEvent(recording.id);
  const open = useOpenEditor();
  const navigate = useNavigate();
  const weights = usePrelabelWeights(event === 'prelabel', recording.is_demo);
  const [model, setModel] = useState<string | undefined>();
  const chosen = model ?? weights.best?.name;
  const [boxes, setBoxes] = useState<string | undefined>();
  const takesBoxes = weights.present.find((w) => w.name === chosen)?.takes === 'boxes';
  const boxesFrom = takesBoxes ? (boxes ?? boxSources(weights)[0]) : undefined;
  // Where nothing is here at all the job says what is missing; a choice that is open is made first.
  const unchosen = event === 'prelabel' && weights.present.length > 0 && !chosen;
  const claims = event === 'start_annotating' && recording.can.claim;

  const label = byHand ? BY_HAND_LABEL : EVENT_LABELS[event];

  const confirm = (note: string | undefined) =>
    fire.mutate(
      {
        event,
        note,
        by_hand: byHand,
        ...(event === 'prelabel' && chosen ? { model: chosen } : {}),
        ...(event === 'prelabel' && boxesFrom ? { boxes_from: boxesFrom } : {}),
      },
      {
        onSuccess: (detail) => {
          onClose();
          toast.ok(`${label}: done`);
          if (event === 'start_annotating' && detail.can.edit) void open(detail);
          if (event === 'start_box_review' && detail.can.review_boxes) void open(detail);
          if (event === 'approve') {
            toast.info('The recording can be exported now', {
              action: { label: 'Go to exports', perform: () => void navigate({ to: '/exports' }) },
            });
          }
        },
      },
    );

  const nothingLeft = recording.counts.undecided;
  return (
    <ConfirmDialog
      open
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={claims ? 'Take this recording?' : `${label}?`}
      description={
        claims
          ? 'It becomes yours to annotate, and the editor opens.'
          : byHand
            ? BY_HAND_HELP
            : EVENT_HELP[event]
      }
      confirm={claims ? 'Take and start' : label}
      busy={fire.isPending}
      disabled={unchosen}
      note={NOTES[event]}
      onConfirm={confirm}
    >
      <div className={css.body}>
        {event === 'prelabel' ? (
          <PrelabelChoice
            weights={weights}
            chosen={chosen}
            onChoose={setModel}
            demo={recording.is_demo}
            boxesFrom={boxesFrom}
            onChooseBoxes={setBoxes}
          />
        ) : null}
        {event === 'submit' && nothingLeft > 0 && !fire.error ? (
          <Notice tone="warn">{count(nothingLeft, 'frame')} not decided yet.</Notice>
        ) : null}
        {fire.error ? (
          <Notice tone={isStatus(fire.error, 409) ? 'warn' : 'error'}>
            {errorMessage(fire.error)}
            {fire.error instanceof ApiProblem ? (
              <FramesInTheWay recordingId={recording.id} problem={fire.error} />
            ) : null}
          </Notice>
        ) : null}
      </div>
    </ConfirmDialog>
  );
}
