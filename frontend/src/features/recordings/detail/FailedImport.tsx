import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FileX2, RotateCw } from 'lucide-react';
import { JobProgress } from '@/features/jobs/JobRow';
import { isActive, jobQuery, useJobAction } from '@/shared/api/queries/jobs';
import { Button, buttonClass, EmptyState, SkeletonRows, toast } from '@/shared/ui';
import { Page } from '@/shared/ui/Page';

/** A failed import leaves no recording; its job knows why. */
export function FailedImport({ jobId }: { jobId: number }) {
  const { data: job } = useQuery(jobQuery(jobId));
  const retry = useJobAction('retry');
  if (!job) {
    return (
      <Page title="Import" bare>
        <SkeletonRows rows={4} />
      </Page>
    );
  }
  if (isActive(job)) {
    return (
      <Page title={job.title}>
        <JobProgress job={job} />
      </Page>
    );
  }
  const moved = job.recording;
  return (
    <Page title={job.title} bare>
      <EmptyState
        icon={<FileX2 size={20} />}
        title={job.state === 'cancelled' ? 'The import was cancelled' : 'The import failed'}
        actions={
          moved ? (
            <Link
              to="/recordings/$recordingId"
              params={{ recordingId: String(moved.id) }}
              className={buttonClass({ variant: 'primary' })}
            >
              Open {moved.name}
            </Link>
          ) : (
            <>
              <Button
                variant="primary"
                icon={<RotateCw size={14} aria-hidden />}
                busy={retry.isPending}
                onClick={() =>
                  retry.mutate(jobId, {
                    onError: (error) => toast.error('The import could not be started again', error),
                  })
                }
              >
                Try again
              </Button>
              <Link to="/recordings/import" className={buttonClass()}>
                Import other files
              </Link>
              <Link to="/jobs" search={{ log: jobId }} className={buttonClass()}>
                Show its log
              </Link>
            </>
          )
        }
      >
        {job.error ? <p>{job.error}</p> : null}
        <p>Nothing incomplete was left behind. The uploaded files are kept for another try.</p>
      </EmptyState>
    </Page>
  );
}
