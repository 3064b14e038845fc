import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ChevronLeft, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { JobProgress, JobStateBadge } from '@/features/jobs/JobRow';
import { RetryJobButton } from '@/features/jobs/RetryJobButton';
import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { useJobAction } from '@/shared/api/queries/jobs';
import type { Run } from '@/shared/api/types';
import { formatDateTime, formatNumber } from '@/shared/lib/format';
import { Button, ConfirmDialog, ErrorState, Notice, SkeletonRows, toast } from '@/shared/ui';
import { type Fact, FactList } from '@/shared/ui/FactList';
import { Select } from '@/shared/ui/Field';
import { Page } from '@/shared/ui/Page';
import { Curves } from './Curves';
import { type CurveRow, lossLines, rateLine, scoreLines } from './curves';
import { Proposal } from './Proposal';
import { curvesQuery, goesOn, pictureUrl, runQuery, useDeleteRun } from './queries';
import css from './RunPage.module.css';
import { inScore, metricNames } from './runWords';

const route = getRouteApi('/app/shell/models/runs/$runId');

function Actions({ run }: { run: Run }) {
  const cancel = useJobAction('cancel');
  const remove = useDeleteRun();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const job = run.job;
  if (job && goesOn(run)) {
    return job.cancel_requested ? null : (
      <Button
        icon={<X size={14} aria-hidden />}
        busy={cancel.isPending}
        onClick={() =>
          cancel.mutate(job.id, {
            onError: (error) => toast.error('It could not be cancelled', error),
          })
        }
      >
        Cancel
      </Button>
    );
  }
  return (
    <>
      {job && (job.state === 'failed' || job.state === 'cancelled') ? (
        <RetryJobButton job={job} />
      ) : null}
      <Button icon={<Trash2 size={14} aria-hidden />} onClick={() => setAsking(true)}>
        Delete
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete the run ${run.name}?`}
        description="Its curves, pictures and states are deleted. A model that it made stays, and so do entries of leaderboards."
        confirm="Delete"
        danger
        busy={remove.isPending}
        onConfirm={() =>
          remove.mutate(run.id, {
            onSuccess: () => void navigate({ to: '/models' }),
            onError: (error) => toast.error('It could not be deleted', error),
          })
        }
      />
    </>
  );
}

function Scores({ run }: { run: Run }) {
  const columns = [
    { title: 'Validation, before', of: run.before },
    { title: `Validation, epoch ${run.best_epoch ?? '–'}`, of: run.scores },
    { title: 'Test, before', of: run.test_before },
    { title: 'Test', of: run.test },
  ].filter((column) => column.of);
  const names = metricNames(run.key_metric, ...columns.map((column) => column.of));
  if (!names.length) return null;
  return (
    <section aria-labelledby="scores">
      <h2 id="scores">Scores</h2>
      <p className={css.help}>
        {run.key_metric} on validation chose the epoch. The test split decided nothing.
        {run.release_id !== null && run.checkpoint ? (
          <>
            {' '}
            With intervals and beside other models:{' '}
            <Link
              to="/releases/$releaseId/leaderboard"
              params={{ releaseId: String(run.release_id) }}
            >
              leaderboard of {run.release_title}
            </Link>
            .
          </>
        ) : null}
      </p>
      <table className={css.scores}>
        <thead>
          <tr>
            <th scope="col">Measure</th>
            {columns.map((column) => (
              <th key={column.title} scope="col">
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {columns.map((column) => (
                <td key={column.title}>{inScore(column.of?.[name])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Pictures({ run }: { run: Run }) {
  const epochs = [...new Set(run.pictures.map((p) => p.epoch))];
  const [asked, setAsked] = useState<number | null>(null);
  const epoch = asked ?? epochs.at(-1);
  if (epoch === undefined) return null;
  return (
    <section aria-labelledby="pictures">
      <div className={css.titled}>
        <h2 id="pictures">Predictions on validation pictures</h2>
        <label className={css.epoch} htmlFor="pictures-epoch">
          Epoch
          <Select
            id="pictures-epoch"
            value={epoch}
            onChange={(e) => setAsked(Number(e.target.value))}
          >
            {epochs.map((e) => (
              <option key={e} value={e}>
                {e}
              </option>
            ))}
          </Select>
        </label>
      </div>
      <p className={css.help}>White: the labels. Orange: what the model says.</p>
      <ul className={css.pictures}>
        {run.pictures
          .filter((p) => p.epoch === epoch)
          .map((p) => (
            <li key={p.file}>
              <img
                src={pictureUrl(run.id, p.file)}
                alt={`Prediction after epoch ${epoch}`}
                loading="lazy"
              />
            </li>
          ))}
      </ul>
    </section>
  );
}

function Facts({ run }: { run: Run }) {
  const samples = Object.entries(run.samples)
    .map(([side, count]) => `${formatNumber(count)} ${side}`)
    .join(', ');
  const facts: Fact[] = [
    ['Recipe', `${run.recipe}, ${run.scale} settings`],
    ['Release', `${run.release_title}, SHA-256 ${run.release_sha256.slice(0, 12)}…`],
    ['Pictures', samples || null],
    ['Begun from', run.start],
    ['Rendered beside', run.renders ? formatNumber(run.renders) : null],
    ['Seed', String(run.seed)],
    ['Device', run.device],
    ['Program', run.code],
    ['Model', run.checkpoint],
    ['SHA-256', run.best_sha256 ? `${run.best_sha256.slice(0, 12)}…` : null],
    [
      'Asked for',
      `${formatDateTime(run.created_at)}${run.created_by ? ` by ${run.created_by.name}` : ''}`,
    ],
  ];
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">What it was</h2>
      <FactList facts={facts} wide />
      {run.notes.map((note) => (
        <p key={note} className={css.help}>
          {note}
        </p>
      ))}
    </section>
  );
}

function Loaded({ run }: { run: Run }) {
  const live = goesOn(run);
  const curves = useQuery(curvesQuery(run.id, live));
  const rows = (curves.data?.rows ?? []) as unknown as CurveRow[];
  const job = run.job;
  return (
    <div className={css.parts}>
      {job && live ? <JobProgress job={job} /> : null}
      {job?.state === 'failed' && job.error ? <Notice tone="error">{job.error}</Notice> : null}
      {job?.state === 'cancelled' ? (
        <Notice>Cancelled after epoch {Math.max(run.epoch, 0)}. Retry goes on from there.</Notice>
      ) : null}
      <Proposal run={run} />
      {curves.error ? (
        <ErrorState
          title="The curves could not be loaded"
          error={curves.error}
          onRetry={() => void curves.refetch()}
        />
      ) : (
        <div className={css.curves}>
          <Curves title="Loss" lines={lossLines(rows)} empty="No step was done yet." />
          <Curves title="Scores on validation" lines={scoreLines(rows)} empty="Not measured yet." />
          <Curves title="Learning rate" lines={[rateLine(rows)]} empty="No step was done yet." />
        </div>
      )}
      <Scores run={run} />
      <Pictures run={run} />
      <Facts run={run} />
    </div>
  );
}

export default function RunPage() {
  const { runId } = route.useParams();
  const me = useMe();
  const { data: run, error, refetch } = useQuery(runQuery(Number(runId)));
  return (
    <Page
      title={run?.name ?? 'Training'}
      heading={
        run ? (
          <>
            <h1>{run.name}</h1>
            {run.job ? <JobStateBadge job={run.job} /> : null}
          </>
        ) : undefined
      }
      description={run ? `${run.title} on ${run.release_title}` : null}
      back={
        <Link to="/models">
          <ChevronLeft size={14} aria-hidden />
          Models
        </Link>
      }
      actions={run && isMaintainer(me) ? <Actions run={run} /> : null}
    >
      {run ? (
        <Loaded run={run} />
      ) : error ? (
        <ErrorState
          title="This run could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={4} height={120} />
      )}
    </Page>
  );
}
