import { Link } from '@tanstack/react-router';
import { Ban, CircleCheck, CircleX, Clock, LoaderCircle, ScrollText, X } from 'lucide-react';
import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { isActive, useJobAction } from '@/shared/api/queries/jobs';
import type { Job, JobState } from '@/shared/api/types';
import { JOB_KIND_LABELS, JOB_STATE_LABELS, labelOf } from '@/shared/domain/words';
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatRelative,
} from '@/shared/lib/format';
import { Badge, Button, cx, IconButton, Progress, type Tone, toast } from '@/shared/ui';
import css from './JobsPage.module.css';
import { RetryJobButton } from './RetryJobButton';

const LOOKS: Record<JobState, { Icon: typeof Clock; tone: Tone }> = {
  queued: { Icon: Clock, tone: 'neutral' },
  running: { Icon: LoaderCircle, tone: 'accent' },
  succeeded: { Icon: CircleCheck, tone: 'ok' },
  failed: { Icon: CircleX, tone: 'danger' },
  cancelled: { Icon: Ban, tone: 'neutral' },
};

export function JobStateBadge({ job }: { job: Job }) {
  const { Icon, tone } = LOOKS[job.state];
  const stopping = job.cancel_requested && isActive(job);
  return (
    <Badge
      tone={tone}
      icon={<Icon size={12} aria-hidden className={cx(job.state === 'running' && css.spin)} />}
    >
      {stopping ? 'Stopping' : labelOf(JOB_STATE_LABELS, job.state)}
    </Badge>
  );
}

function timing(job: Job): string {
  if (job.started_at && job.finished_at) {
    const seconds = (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000;
    return `${formatRelative(job.finished_at)}, took ${formatDuration(seconds)}`;
  }
  return job.started_at
    ? `started ${formatRelative(job.started_at)}`
    : `requested ${formatRelative(job.created_at)}`;
}

/** `120 of 1,240`, or only what the job says where it does not know how much there is. */
export function JobProgress({ job }: { job: Job }) {
  const format = job.kind === 'pull_weights' ? formatBytes : formatNumber;
  const numbers = job.total
    ? `${format(job.done)} of ${format(job.total)}`
    : job.done > 0
      ? format(job.done)
      : '';
  const waiting = job.state === 'queued' ? 'Waiting for a free worker' : job.message;
  return (
    <div className={css.progress}>
      <Progress label={job.title} done={job.done} total={job.state === 'queued' ? 1 : job.total} />
      <span>{[waiting, numbers].filter(Boolean).join(' · ')}</span>
    </div>
  );
}

export function JobRow({ job, onShowLog }: { job: Job; onShowLog: () => void }) {
  const me = useMe();
  const cancel = useJobAction('cancel');
  const mayControl = isMaintainer(me) || job.created_by?.id === me.id;
  const ended = job.state === 'failed' || job.state === 'cancelled';
  return (
    <li className={css.row}>
      <JobStateBadge job={job} />
      <div className={css.main}>
        <div className={css.title}>
          {job.recording ? (
            <Link to="/recordings/$recordingId" params={{ recordingId: String(job.recording.id) }}>
              {job.title}
            </Link>
          ) : (
            <span>{job.title}</span>
          )}
        </div>
        <div className={css.meta} title={formatDateTime(job.created_at)}>
          {labelOf(JOB_KIND_LABELS, job.kind)} · {timing(job)}
          {job.created_by ? ` · ${job.created_by.name}` : ''}
          {job.attempt > 1 ? ` · attempt ${job.attempt}` : ''}
        </div>
        {job.state === 'failed' && job.error ? <p className={css.error}>{job.error}</p> : null}
      </div>
      <div className={css.side}>{isActive(job) ? <JobProgress job={job} /> : null}</div>
      <div className={css.buttons}>
        {mayControl && isActive(job) && !job.cancel_requested ? (
          <Button
            size="sm"
            variant="ghost"
            icon={<X size={14} aria-hidden />}
            busy={cancel.isPending}
            onClick={() =>
              cancel.mutate(job.id, {
                onError: (error) => toast.error('The job could not be cancelled', error),
              })
            }
          >
            Cancel
          </Button>
        ) : null}
        {mayControl && ended ? <RetryJobButton job={job} /> : null}
        <IconButton label={`Log of “${job.title}”`} size="sm" onClick={onShowLog}>
          <ScrollText size={16} />
        </IconButton>
      </div>
    </li>
  );
}
