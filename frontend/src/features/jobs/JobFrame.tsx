import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { isActive, useJobAction } from '@/shared/api/queries/jobs';
import type { Job } from '@/shared/api/types';
import { Button, Notice, toast } from '@/shared/ui';
import css from './JobFrame.module.css';
import { JobProgress } from './JobRow';
import { RetryJobButton } from './RetryJobButton';

function Running({ job, mayControl }: { job: Job; mayControl: boolean }) {
  const cancel = useJobAction('cancel');
  return (
    <section className={css.running} aria-label="Work in progress">
      <strong>{job.title}</strong>
      <JobProgress job={job} />
      {job.cancel_requested ? (
        <span>Stopping…</span>
      ) : mayControl ? (
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
    </section>
  );
}

interface JobFrameProps {
  job: Job;
  /** Whether this person may cancel and retry it. */
  mayControl?: boolean;
  /** What else can be done after a failure. */
  children?: ReactNode;
}

/** A job in the flow of a page, while it runs or when it failed; nothing of one that ended well. */
export function JobFrame({ job, mayControl = true, children }: JobFrameProps) {
  if (isActive(job)) return <Running job={job} mayControl={mayControl} />;
  if (job.state !== 'failed') return null;
  return (
    <Notice tone="error">
      <strong>{job.title} failed.</strong> {job.error}
      {children}
      <div className={css.actions}>
        {mayControl ? <RetryJobButton job={job} /> : null}
        <Link to="/jobs" search={{ log: job.id }}>
          Show its log
        </Link>
      </div>
    </Notice>
  );
}
