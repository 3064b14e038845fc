import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { JobProgress } from '@/features/jobs/JobRow';
import { RetryJobButton } from '@/features/jobs/RetryJobButton';
import { isActive, useJobAction } from '@/shared/api/queries/jobs';
import type { Job } from '@/shared/api/types';
import { Button, Notice, toast } from '@/shared/ui';
import css from './ReleasePage.module.css';

/** The release's last job, while it runs or when it did not end well. */
export function ReleaseJob({ job }: { job: Job }) {
  const cancel = useJobAction('cancel');
  if (isActive(job)) {
    return (
      <section className={css.job} aria-label="Work in progress">
        <strong>{job.title}</strong>
        <JobProgress job={job} />
        {job.cancel_requested ? (
          <span>Stopping…</span>
        ) : (
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
        )}
      </section>
    );
  }
  if (job.state !== 'failed') return null;
  return (
    <div className={css.failed}>
      <Notice tone="error">
        <strong>{job.title} failed.</strong> {job.error}
        <div className={css.retry}>
          <RetryJobButton jobId={job.id} />
          <Link to="/jobs" search={{ log: job.id }}>
            Show its log
          </Link>
        </div>
      </Notice>
    </div>
  );
}
