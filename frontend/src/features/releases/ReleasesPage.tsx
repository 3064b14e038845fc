import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { PackageCheck, Plus, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { JobProgress } from '@/features/jobs/JobRow';
import { isActive } from '@/shared/api/queries/jobs';
import type { Dataset, ReleaseItem } from '@/shared/api/types';
import { SCOPE_LABELS } from '@/shared/domain/words';
import {
  count,
  formatBytes,
  formatDateTime,
  formatNumber,
  formatRelative,
} from '@/shared/lib/format';
import { Button, Cell, EmptyState, ErrorState, HeadCell, SkeletonRows, Table } from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import { FramesLink } from './FramesLink';
import { type Group, groupsOf } from './groups';
import { NewDataset } from './NewDataset';
import { NewVersion } from './NewVersion';
import { datasetsQuery, releasesQuery, useReleaseJob } from './queries';
import css from './ReleasesPage.module.css';
import { StateBadge } from './StateBadge';

function When({ release }: { release: ReleaseItem }) {
  const job = useReleaseJob(release);
  if (job && isActive(job)) return <JobProgress job={job} />;
  if (release.state === 'withdrawn' && release.withdrawn_at) {
    return (
      <>
        <span title={formatDateTime(release.withdrawn_at)}>
          Withdrawn {formatRelative(release.withdrawn_at)}
        </span>
        <span className={css.under}>{release.withdrawn_why}</span>
      </>
    );
  }
  if (!release.published_at) {
    return (
      <span className={css.quiet} title={formatDateTime(release.created_at)}>
        Begun {formatRelative(release.created_at)}
      </span>
    );
  }
  return (
    <>
      <span title={formatDateTime(release.published_at)}>
        {formatRelative(release.published_at)}
      </span>
      {release.published_by ? <span className={css.under}>{release.published_by.name}</span> : null}
    </>
  );
}

function Doi({ doi }: { doi: string | null }) {
  if (!doi) return <span className={css.quiet}>–</span>;
  return (
    <a href={`https://doi.org/${doi}`} target="_blank" rel="noreferrer">
      {doi}
    </a>
  );
}

/** That a family takes back what it agreed to is seen where releases are listed. */
function Disagreeing({ release }: { release: ReleaseItem }) {
  const { disagreeing, state } = release;
  if (!disagreeing.length || state === 'withdrawn') return null;
  const families = disagreeing.length === 1 ? 'family agrees' : 'families agree';
  return (
    <Link
      to="/releases/$releaseId"
      params={{ releaseId: String(release.id) }}
      className={css.disagreeing}
      title={`${disagreeing.join(', ')}: withdraw this release and publish one without them`}
    >
      <TriangleAlert size={12} aria-hidden />
      {formatNumber(disagreeing.length)} {families} no more
    </Link>
  );
}

function Row({ release }: { release: ReleaseItem }) {
  return (
    <tr>
      <td>
        <Link
          to="/releases/$releaseId"
          params={{ releaseId: String(release.id) }}
          className={css.version}
        >
          {release.version}
        </Link>
      </td>
      <td>
        <StateBadge state={release.state} />
        <Disagreeing release={release} />
      </td>
      <Cell>{SCOPE_LABELS[release.audience]}</Cell>
      <Cell numeric quiet={release.frames === null}>
        {release.frames === null ? (
          '–'
        ) : (
          <FramesLink
            releaseId={release.id}
            search={{}}
            label={`${count(release.frames, 'frame')} of ${release.version}`}
          >
            {formatNumber(release.frames)}
          </FramesLink>
        )}
      </Cell>
      <Cell numeric quiet={release.bytes === null}>
        {release.bytes === null ? '–' : formatBytes(release.bytes)}
      </Cell>
      <td className={css.when}>
        <When release={release} />
      </td>
      <td>
        <Doi doi={release.doi} />
      </td>
    </tr>
  );
}

function DatasetSection({ group }: { group: Group }) {
  const [adding, setAdding] = useState(false);
  const { dataset, releases } = group;
  return (
    <section className={css.dataset} aria-label={dataset.title}>
      <header>
        <div>
          <h2>
            {dataset.title} <code>{dataset.name}</code>
          </h2>
          {dataset.description ? <p>{dataset.description}</p> : null}
        </div>
        <Button size="sm" icon={<Plus size={14} aria-hidden />} onClick={() => setAdding(true)}>
          New version
        </Button>
      </header>
      {releases.length ? (
        <Table className={css.table}>
          <thead>
            <tr>
              <HeadCell>Version</HeadCell>
              <HeadCell>State</HeadCell>
              <HeadCell>Audience</HeadCell>
              <HeadCell numeric>Frames</HeadCell>
              <HeadCell numeric>Size</HeadCell>
              <HeadCell>Published</HeadCell>
              <HeadCell>DOI</HeadCell>
            </tr>
          </thead>
          <tbody>
            {releases.map((release) => (
              <Row key={release.id} release={release} />
            ))}
          </tbody>
        </Table>
      ) : (
        <p className={css.none}>No version yet. “New version” begins a draft of 1.0.0.</p>
      )}
      <NewVersion dataset={dataset} releases={releases} open={adding} onOpenChange={setAdding} />
    </section>
  );
}

function Content({ onNew }: { onNew: () => void }) {
  const datasets = useQuery(datasetsQuery);
  const releases = useQuery(releasesQuery);
  const error = datasets.error ?? releases.error;
  if (datasets.data && releases.data) {
    const groups = groupsOf(datasets.data, releases.data);
    if (groups.length) {
      return (
        <div className={css.groups}>
          <p className={css.quiet}>
            {count(groups.length, 'dataset')}, {count(releases.data.length, 'release')}
          </p>
          {groups.map((group) => (
            <DatasetSection key={group.dataset.id} group={group} />
          ))}
        </div>
      );
    }
    return (
      <EmptyState
        icon={<PackageCheck size={20} />}
        title="No datasets yet"
        actions={
          <Button variant="primary" icon={<Plus size={14} aria-hidden />} onClick={onNew}>
            New dataset
          </Button>
        }
      >
        A release is a version of a dataset that never changes: approved frames chosen by a rule,
        split into training and test sets so that no infant is in both, with every joint as it was
        on that day. Others can cite it, and know what they have.
      </EmptyState>
    );
  }
  if (error) {
    return (
      <ErrorState
        title="The releases could not be loaded"
        error={error}
        onRetry={() => {
          void datasets.refetch();
          void releases.refetch();
        }}
      />
    );
  }
  return <SkeletonRows rows={4} height={48} />;
}

export default function ReleasesPage() {
  const [naming, setNaming] = useState(false);
  const [made, setMade] = useState<Dataset | null>(null);
  return (
    <Page
      title="Releases"
      description="Versions of a dataset for others to train and measure on: chosen, split, checked, and final once they are published."
      actions={
        <Button
          variant="primary"
          icon={<Plus size={14} aria-hidden />}
          onClick={() => setNaming(true)}
        >
          New dataset
        </Button>
      }
    >
      <Content onNew={() => setNaming(true)} />
      <NewDataset open={naming} onOpenChange={setNaming} onMade={setMade} />
      {made ? (
        <NewVersion
          dataset={made}
          releases={[]}
          open
          onOpenChange={(open) => (open ? undefined : setMade(null))}
        />
      ) : null}
    </Page>
  );
}
