import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ListTodo } from 'lucide-react';
import { jobsQuery } from '@/shared/api/queries/jobs';
import type { JobState } from '@/shared/api/types';
import { Button, EmptyState, ErrorState, SkeletonRows, Tabs } from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import { JobLogDrawer } from './JobLogDrawer';
import { JobRow } from './JobRow';
import css from './JobsPage.module.css';
import { WorkersLine } from './WorkersLine';

const jobsRoute = getRouteApi('/app/shell/jobs');

const TABS = [
  { value: 'all', label: 'All' },
  { value: 'running', label: 'Running' },
  { value: 'queued', label: 'Waiting' },
  { value: 'failed', label: 'Failed' },
  { value: 'succeeded', label: 'Done' },
  { value: 'cancelled', label: 'Cancelled' },
] as const;

export default function JobsPage() {
  const { state, log } = jobsRoute.useSearch();
  const navigate = jobsRoute.useNavigate();
  const query = useInfiniteQuery(jobsQuery({ state }));
  const jobs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const showLog = (id: number | undefined) =>
    void navigate({ search: (now) => ({ ...now, log: id }), replace: true });
  return (
    <Page
      title="Jobs"
      description="Long work in the background. You may leave this page: jobs continue, and this page shows how they ended."
    >
      <WorkersLine />
      <Tabs
        label="State of the jobs"
        tabs={[...TABS]}
        value={state ?? 'all'}
        onChange={(next) =>
          void navigate({ search: { state: next === 'all' ? undefined : (next as JobState) } })
        }
      >
        {query.isPending ? (
          <SkeletonRows rows={6} height={56} />
        ) : query.isError ? (
          <ErrorState
            title="The jobs could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : jobs.length ? (
          <>
            <ul className={css.list}>
              {jobs.map((job) => (
                <JobRow key={job.id} job={job} onShowLog={() => showLog(job.id)} />
              ))}
            </ul>
            {query.hasNextPage ? (
              <div className={css.more}>
                <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  Show more
                </Button>
              </div>
            ) : null}
          </>
        ) : (
          <EmptyState icon={<ListTodo size={20} />} title="No jobs here">
            Imports, pre-labels, boxes and exports show up here while they run and afterwards.
          </EmptyState>
        )}
      </Tabs>
      <JobLogDrawer jobId={log} onClose={() => showLog(undefined)} />
    </Page>
  );
}
