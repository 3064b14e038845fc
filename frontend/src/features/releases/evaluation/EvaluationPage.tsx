import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ChevronLeft, ExternalLink, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { isStatus } from '@/shared/api/problem';
import { formatBytes, formatDateTime } from '@/shared/lib/format';
import {
  Badge,
  Button,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  SkeletonRows,
  Tabs,
  toast,
} from '@/shared/ui';
import { useOpenRelease } from '../release';
import { Breakdown } from './Breakdown';
import { Confusion } from './Confusion';
import { ErrorKinds } from './ErrorKinds';
import css from './Evaluation.module.css';
import { Numbers } from './Numbers';
import { type Evaluation, evaluationQuery, useDeleteEvaluation } from './queries';
import { Reliability } from './Reliability';
import { WorstFrames } from './WorstFrames';
import { KIND_LABELS, SETTING_LABELS } from './words';

const route = getRouteApi('/app/shell/releases/$releaseId/leaderboard/$evaluationId');

function Remove({ evaluation }: { evaluation: Evaluation }) {
  const [asked, setAsked] = useState(false);
  const remove = useDeleteEvaluation(evaluation.release_id);
  const navigate = useNavigate();
  return (
    <>
      <Button icon={<Trash2 size={14} aria-hidden />} onClick={() => setAsked(true)}>
        Delete
      </Button>
      <ConfirmDialog
        open={asked}
        onOpenChange={setAsked}
        title={`Take ${evaluation.model} off the leaderboard?`}
        description="Its numbers, its frames and the file of its predictions are deleted. The labels stay as they are."
        confirm="Delete"
        danger
        busy={remove.isPending}
        onConfirm={() =>
          remove.mutate(evaluation.id, {
            onSuccess: () =>
              void navigate({
                to: '/releases/$releaseId/leaderboard',
                params: { releaseId: String(evaluation.release_id) },
              }),
            onError: (error) => toast.error('It could not be deleted', error),
          })
        }
      />
    </>
  );
}

function Head({ evaluation }: { evaluation: Evaluation }) {
  const { created_by: by, evaluated_at: at, licence, url, note } = evaluation;
  return (
    <header className={css.head}>
      <div>
        <Link
          to="/releases/$releaseId/leaderboard"
          params={{ releaseId: String(evaluation.release_id) }}
          search={{ split: evaluation.split }}
          className={css.back}
        >
          <ChevronLeft size={14} aria-hidden />
          Leaderboard of {evaluation.split}
        </Link>
        <h2>
          {evaluation.model}
          <Badge tone={evaluation.setting === 'fine-tuned' ? 'accent' : 'neutral'}>
            {SETTING_LABELS[evaluation.setting]}
          </Badge>
          <Badge tone="outline">{KIND_LABELS[evaluation.kind]}</Badge>
        </h2>
        <p className={css.facts}>
          {evaluation.file_name}, {formatBytes(evaluation.file_bytes)}, SHA-256{' '}
          <code title={evaluation.file_sha256}>{evaluation.file_sha256.slice(0, 12)}…</code>
          {at ? `; measured ${formatDateTime(at)}` : ''}
          {by ? ` by ${by.name}` : ''}
          {licence ? `; licence ${licence}` : ''}
          {url ? (
            <>
              {'; '}
              <a href={url} target="_blank" rel="noreferrer">
                the model <ExternalLink size={12} aria-hidden />
              </a>
            </>
          ) : null}
        </p>
        {note ? <p className={css.note}>{note}</p> : null}
      </div>
      <Remove evaluation={evaluation} />
    </header>
  );
}

function Loaded({ evaluation }: { evaluation: Evaluation }) {
  const navigate = route.useNavigate();
  const { tab = 'numbers' } = route.useSearch();
  const all = (
    <div className={css.parts}>
      <Numbers evaluation={evaluation} />
      <Confusion evaluation={evaluation} />
      {Object.keys(evaluation.parts).length ? <Breakdown evaluation={evaluation} /> : null}
      <ErrorKinds evaluation={evaluation} />
      <Reliability evaluation={evaluation} />
    </div>
  );
  return (
    <div className={css.parts}>
      <Head evaluation={evaluation} />
      <Tabs
        label="What is shown"
        value={tab}
        onChange={(next) =>
          void navigate({ search: next === 'frames' ? { tab: 'frames' } : {}, replace: true })
        }
        tabs={[
          { value: 'numbers', label: 'Numbers' },
          { value: 'frames', label: 'Worst frames' },
        ]}
      >
        {tab === 'frames' ? <WorstFrames evaluation={evaluation} /> : all}
      </Tabs>
    </div>
  );
}

/** All that is known of one model's predictions. */
export default function EvaluationPage() {
  const { evaluationId } = route.useParams();
  const { release } = useOpenRelease();
  const id = Number(evaluationId);
  const known = Number.isInteger(id) && id > 0;
  const { data, error, refetch } = useQuery({ ...evaluationQuery(id), enabled: known });
  if (data && data.release_id === release.id) return <Loaded evaluation={data} />;
  if (data || !known || isStatus(error, 404)) {
    return (
      <EmptyState
        icon={<Trash2 size={20} />}
        title="There is no such evaluation"
        actions={
          <Link to="/releases/$releaseId/leaderboard" params={{ releaseId: String(release.id) }}>
            To the leaderboard
          </Link>
        }
      >
        It may have been deleted.
      </EmptyState>
    );
  }
  if (error) {
    return (
      <ErrorState
        title="The evaluation could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  return <SkeletonRows rows={6} height={64} />;
}
