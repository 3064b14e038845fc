import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { GraduationCap } from 'lucide-react';
import { useState } from 'react';
import { JobProgress, JobStateBadge } from '@/features/jobs/JobRow';
import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import type { RunItem } from '@/shared/api/types';
import { formatDate } from '@/shared/lib/format';
import { Badge, Button, EmptyState, ErrorState, SkeletonRows } from '@/shared/ui';
import css from './ModelsPage.module.css';
import { goesOn, runsQuery } from './queries';
import { resultOf } from './runWords';
import { TrainDialog } from './TrainDialog';

function RunCard({ run }: { run: RunItem }) {
  const result = resultOf(run);
  const waits = run.comparison?.better && run.decision === null;
  return (
    <li className={css.card}>
      <div className={css.text}>
        <div className={css.head}>
          <strong>
            <Link to="/models/runs/$runId" params={{ runId: String(run.id) }}>
              {run.name}
            </Link>
          </strong>
          {run.job ? <JobStateBadge job={run.job} /> : null}
          {waits ? <Badge tone="accent">Better than the pre-labeller: decide</Badge> : null}
        </div>
        <p>
          {run.title} on {run.release_title} · {formatDate(run.created_at)}
          {run.created_by ? ` by ${run.created_by.name}` : ''}
        </p>
        {result ? <p>{result}</p> : null}
        {run.job?.state === 'failed' && run.job.error ? <p>{run.job.error}</p> : null}
      </div>
      <div className={css.actions}>
        {run.job && goesOn(run) ? (
          <div className={css.upload}>
            <JobProgress job={run.job} />
          </div>
        ) : null}
      </div>
    </li>
  );
}

/** What was trained here, newest first, and the way to train more. */
export function RunsSection() {
  const me = useMe();
  const { data, error, refetch } = useQuery(runsQuery);
  const [asking, setAsking] = useState(false);
  return (
    <section className={css.section} aria-labelledby="runs">
      <div className={css.titled}>
        <h2 id="runs">Trained here</h2>
        {isMaintainer(me) ? (
          <Button
            size="sm"
            variant="primary"
            icon={<GraduationCap size={14} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            Train a model
          </Button>
        ) : null}
      </div>
      <p>
        A model learns from the training split of a published release and is measured on its test
        split. The best one can become the pre-labeller of the next recordings.
      </p>
      {data ? (
        data.length ? (
          <ul className={css.list} aria-label="Training runs">
            {data.map((run) => (
              <RunCard key={run.id} run={run} />
            ))}
          </ul>
        ) : (
          <EmptyState icon={<GraduationCap size={20} />} title="Nothing was trained yet">
            Publish a release with a training and a test split, then train a model on it.
          </EmptyState>
        )
      ) : error ? (
        <ErrorState
          title="The training runs could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={2} height={64} />
      )}
      {asking ? <TrainDialog onClose={() => setAsking(false)} /> : null}
    </section>
  );
}
