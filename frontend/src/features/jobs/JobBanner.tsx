import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { isActive, useJobAction } from '@/shared/api/queries/jobs';
import type { Job, RecordingDetail } from '@/shared/api/types';
import { BY_HAND_HELP, BY_HAND_LABEL } from '@/shared/domain/words';
import { Button, Notice, toast } from '@/shared/ui';
import css from './JobBanner.module.css';
import { JobProgress } from './JobRow';
import { RetryJobButton } from './RetryJobButton';

function Running({ job, mayControl }: { job: Job; mayControl: boolean }) {
  const cancel = useJobAction('cancel');
  return (
    <section className={css.banner} aria-label="Work in progress">
      <strong>{job.title}</strong>
      <JobProgress job={job} />
      {mayControl && !job.cancel_requested ? (
        <Button
          size="sm"
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
      {job.cancel_requested ? <span>Stopping…</span> : null}
    </section>
  );
}

interface FailedProps {
  job: Job;
  mayControl: boolean;
  /** Whether this person may go on with boxes by hand. */
  byHand: boolean;
}

function Failed({ job, mayControl, byHand }: FailedProps) {
  return (
    <div className={css.failed}>
      <Notice tone="error">
        <strong>{job.title} failed.</strong> {job.error}
        {byHand ? (
          <p>
            Or press “{BY_HAND_LABEL}” above. {BY_HAND_HELP}
          </p>
        ) : null}
        <div className={css.actions}>
          {mayControl ? <RetryJobButton jobId={job.id} /> : null}
          <Link to="/jobs" search={{ log: job.id }}>
            Show its log
          </Link>
        </div>
      </Notice>
    </div>
  );
}

/** The newest job of a recording, while it runs or when it failed. */
export function JobBanner({ recording }: { recording: RecordingDetail }) {
  const me = useMe();
  const job = recording.active_job;
  if (!job) return null;
  const mayControl = isMaintainer(me) || job.created_by?.id === me.id;
  if (isActive(job)) return <Running job={job} mayControl={mayControl} />;
  if (job.state === 'failed') {
    const byHand = job.kind === 'boxes' && recording.allowed_events.includes('box');
    return <Failed job={job} mayControl={mayControl} byHand={byHand} />;
  }
  return null;
}
