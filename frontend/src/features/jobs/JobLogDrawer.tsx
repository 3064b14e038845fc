import { useQuery } from '@tanstack/react-query';
import { isActive, jobLogQuery, jobQuery } from '@/shared/api/queries/jobs';
import { formatDateTime } from '@/shared/lib/format';
import { cx, Dialog, ErrorState, Notice, SkeletonRows } from '@/shared/ui';
import { JobProgress, JobStateBadge } from './JobRow';
import css from './JobsPage.module.css';

const LOOK_AGAIN_MS = 2000;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

function Log({ jobId }: { jobId: number }) {
  const { data: job } = useQuery(jobQuery(jobId));
  const log = useQuery({
    ...jobLogQuery(jobId),
    refetchInterval: isActive(job) ? LOOK_AGAIN_MS : false,
  });
  return (
    <div className={css.log}>
      {job ? (
        <div className={css.logHead}>
          <JobStateBadge job={job} />
          {isActive(job) ? <JobProgress job={job} /> : null}
        </div>
      ) : null}
      {job?.state === 'failed' && job.error ? <Notice tone="error">{job.error}</Notice> : null}
      {log.isPending ? (
        <SkeletonRows rows={6} height={16} />
      ) : log.isError ? (
        <ErrorState
          title="The log could not be loaded"
          error={log.error}
          onRetry={() => void log.refetch()}
        />
      ) : log.data.length ? (
        <ol className={css.lines}>
          {log.data.map((line) => (
            <li key={line.id} className={cx(css.line, css[line.level])}>
              <time dateTime={line.created_at} title={formatDateTime(line.created_at)}>
                {clock.format(new Date(line.created_at))}
              </time>
              <span>{line.message}</span>
            </li>
          ))}
        </ol>
      ) : (
        <p className={css.meta}>The log is empty.</p>
      )}
    </div>
  );
}

export function JobLogDrawer({
  jobId,
  onClose,
}: {
  jobId: number | undefined;
  onClose: () => void;
}) {
  const { data: job } = useQuery({ ...jobQuery(jobId ?? 0), enabled: jobId !== undefined });
  return (
    <Dialog
      kind="drawer"
      width={640}
      open={jobId !== undefined}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={job?.title ?? 'Log'}
      description={jobId === undefined ? undefined : `Job ${jobId}`}
    >
      {jobId === undefined ? null : <Log jobId={jobId} />}
    </Dialog>
  );
}
