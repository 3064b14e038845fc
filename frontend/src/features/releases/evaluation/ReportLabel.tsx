import { useQuery } from '@tanstack/react-query';
import { Flag, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { EventDialog } from '@/features/recordings/detail/EventDialog';
import { errorMessage } from '@/shared/api/problem';
import { recordingCommentsQuery, recordingQuery } from '@/shared/api/queries/recordings';
import { JOINT_LABELS, JOINTS, MAX_NOTE_LENGTH } from '@/shared/domain/rules.gen';
import { EVENT_LABELS, STAGE_LABELS } from '@/shared/domain/words';
import { Badge, Button, Field, Notice, Select, Textarea, toast } from '@/shared/ui';
import css from './Frames.module.css';
import { type BoardFrame, type Evaluation, useReportLabel } from './queries';

interface ReportLabelProps {
  frame: BoardFrame;
  evaluation: Evaluation;
  /** The joint that is looked at. */
  joint: number | null;
}

function Form({ frame, joint, onDone }: ReportLabelProps & { onDone: () => void }) {
  const [of, setOf] = useState(joint);
  const [body, setBody] = useState('');
  // One name for this remark: sent twice, it is written once.
  const [operation_id] = useState(() => crypto.randomUUID());
  const report = useReportLabel(frame);
  return (
    <div className={css.form}>
      <Field label="What is wrong with it">
        {(control) => (
          <Select
            {...control}
            value={of ?? ''}
            onChange={(e) => setOf(e.target.value === '' ? null : Number(e.target.value))}
          >
            <option value="">The frame as a whole</option>
            {JOINTS.map((name, i) => (
              <option key={name} value={i}>
                {JOINT_LABELS[i]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Remark" help="For the annotator and the inspector of the next version.">
        {(control) => (
          <Textarea
            {...control}
            // It was asked for by a press, and is what one goes on with.
            autoFocus
            rows={3}
            maxLength={MAX_NOTE_LENGTH}
            value={body}
            onChange={(e) => setBody(e.target.value)}
          />
        )}
      </Field>
      {report.error ? <Notice tone="error">{errorMessage(report.error)}</Notice> : null}
      <div className={css.formActs}>
        <Button onClick={onDone}>Cancel</Button>
        <Button
          variant="primary"
          disabled={!body.trim()}
          busy={report.isPending}
          onClick={() =>
            report.mutate(
              { joint: of, body, operation_id },
              {
                onSuccess: () => {
                  toast.ok('The label is reported');
                  onDone();
                },
              },
            )
          }
        >
          Send report
        </Button>
      </div>
    </div>
  );
}

/** Says that the truth is wrong, and takes its recording back into the rounds. */
export function ReportLabel(props: ReportLabelProps) {
  const { frame } = props;
  const [writing, setWriting] = useState(false);
  const [reopening, setReopening] = useState(false);
  const { data: comments = [] } = useQuery(recordingCommentsQuery(frame.recording_id));
  const { data: recording } = useQuery(recordingQuery(frame.recording_id));
  const here = comments.filter(
    (comment) => comment.frame_id === frame.frame_id && comment.resolved_at === null,
  );
  const inRecording = comments.filter((comment) => comment.resolved_at === null).length;
  return (
    <section className={css.report} aria-label="Is the label wrong?">
      {here.length ? (
        <ul className={css.remarks} aria-label="Open remarks on this frame">
          {here.map((comment) => (
            <li key={comment.id}>
              {comment.joint === null ? null : (
                <Badge tone="outline">{JOINT_LABELS[comment.joint]}</Badge>
              )}
              <span>{comment.body}</span>
              <small>{comment.author.name}</small>
            </li>
          ))}
        </ul>
      ) : null}
      {writing ? (
        <Form {...props} onDone={() => setWriting(false)} />
      ) : (
        <Button icon={<Flag size={14} aria-hidden />} onClick={() => setWriting(true)}>
          Report label
        </Button>
      )}
      {recording && inRecording > 0 ? (
        recording.allowed_events.includes('reopen') ? (
          <div className={css.reopen}>
            <p>
              {recording.name} is {STAGE_LABELS[recording.stage].toLowerCase()}. Its{' '}
              {inRecording === 1 ? 'open remark is' : `${inRecording} open remarks are`} worked on
              once it is reopened; the published version stays as it is.
            </p>
            <Button icon={<RotateCcw size={14} aria-hidden />} onClick={() => setReopening(true)}>
              {EVENT_LABELS.reopen}
            </Button>
          </div>
        ) : (
          <p className={css.stageLine}>
            {recording.name} is {STAGE_LABELS[recording.stage].toLowerCase()}, round{' '}
            {recording.round}: its remarks are in the hands of those who work on it.
          </p>
        )
      ) : null}
      {reopening && recording ? (
        <EventDialog recording={recording} event="reopen" onClose={() => setReopening(false)} />
      ) : null}
    </section>
  );
}
