import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { JobFrame } from '@/features/jobs/JobFrame';
import { isStatus } from '@/shared/api/problem';
import { isActive } from '@/shared/api/queries/jobs';
import type { Job, Release } from '@/shared/api/types';
import { ErrorState, Skeleton, SkeletonRows } from '@/shared/ui';
import { NotFoundPage } from '@/shared/ui/fallbacks';
import { Page } from '@/shared/ui/Page';
import { releaseQuery, useReleaseJob } from './queries';
import { ReleaseActions } from './ReleaseActions';
import css from './ReleasePage.module.css';
import { ReleaseTabs } from './ReleaseTabs';
import { ReleaseContext } from './release';
import { StateBadge } from './StateBadge';
import { STATE_HELP } from './words';

const releaseRoute = getRouteApi('/app/shell/releases/$releaseId');

/** Whether a job has something to say: it runs, or it failed. */
const told = (job: Job) => isActive(job) || job.state === 'failed';

function Loaded({ release }: { release: Release }) {
  const job = useReleaseJob(release);
  const final = release.state === 'published' || release.state === 'withdrawn';
  const title = `${release.dataset.title} ${release.version}`;
  return (
    <Page
      title={title}
      heading={
        <>
          <h1>{title}</h1>
          <StateBadge state={release.state} />
        </>
      }
      description={STATE_HELP[release.state]}
      back={
        <Link to="/releases">
          <ChevronLeft size={14} aria-hidden />
          Releases
        </Link>
      }
      actions={<ReleaseActions release={release} />}
    >
      {job && told(job) && (!final || job.kind === 'remove_release') ? (
        <div className={css.job}>
          <JobFrame job={job} />
        </div>
      ) : null}
      <ReleaseTabs releaseId={release.id} />
      <ReleaseContext value={{ release, job }}>
        <Outlet />
      </ReleaseContext>
    </Page>
  );
}

/** What stands above and around every tab of a release. */
export default function ReleasePage() {
  const { releaseId } = releaseRoute.useParams();
  const id = Number(releaseId);
  const known = Number.isInteger(id) && id > 0;
  const { data, error, refetch } = useQuery({ ...releaseQuery(id), enabled: known });
  if (!known || isStatus(error, 404)) return <NotFoundPage />;
  // Another release begins with a page of its own: nothing typed goes along.
  if (data) return <Loaded key={data.id} release={data} />;
  return (
    <Page title="Release" bare>
      {error ? (
        <ErrorState
          title="The release could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <div className={css.loading}>
          <Skeleton width={320} height={28} />
          <SkeletonRows rows={6} height={48} />
        </div>
      )}
    </Page>
  );
}
