import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus, Trophy } from 'lucide-react';
import { useState } from 'react';
import { count, formatDateTime } from '@/shared/lib/format';
import {
  Button,
  EmptyState,
  ErrorState,
  HeadCell,
  Notice,
  Select,
  SkeletonRows,
  Table,
} from '@/shared/ui';
import { useOpenRelease } from '../release';
import { Section } from '../Section';
import { AddPredictions } from './AddPredictions';
import css from './Board.module.css';
import { History } from './History';
import { PairTable } from './PairTable';
import { type Board, type Entry, type Kind, leaderboardQuery } from './queries';
import { baselineOf, chooseSplit, sortRows } from './rows';
import { Unfinished } from './Unfinished';
import { KIND_LABELS, SETTING_LABELS } from './words';

const route = getRouteApi('/app/shell/releases/$releaseId/leaderboard');
const KINDS: readonly Kind[] = ['joints', 'bodies', 'postures'];

const KIND_HELP: Record<Kind, string> = {
  joints: 'Precision and recall by OKS, as COCO defines them.',
  bodies: 'Mean distances in millimetres; less is better.',
  postures: 'Share of frames with the right posture.',
};

/** What stands under the numbers, or why nothing does. */
function intervalWords(entries: readonly Entry[]): string {
  const some = entries.some(({ measures }) =>
    Object.values(measures).some((measure) => measure.interval !== null),
  );
  return some
    ? 'Under each number: its 95 % interval over infants.'
    : 'There are no intervals: they need at least five infants.';
}

function Older({ entries }: { entries: readonly Entry[] }) {
  if (!entries.length) return null;
  return (
    <details className={css.older}>
      <summary>{count(entries.length, 'older file')} of these models</summary>
      <Table>
        <thead>
          <tr>
            <HeadCell>Model</HeadCell>
            <HeadCell>Setting</HeadCell>
            <HeadCell>File</HeadCell>
            <HeadCell>Measured</HeadCell>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td className={css.model}>{entry.model}</td>
              <td>{SETTING_LABELS[entry.setting]}</td>
              <td>
                <Link
                  to="/releases/$releaseId/leaderboard/$evaluationId"
                  params={{ releaseId: String(entry.release_id), evaluationId: String(entry.id) }}
                >
                  {entry.file_name}
                </Link>
              </td>
              <td>{entry.evaluated_at ? formatDateTime(entry.evaluated_at) : ''}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </details>
  );
}

function Loaded({ board }: { board: Board }) {
  const navigate = route.useNavigate();
  const { split: asked } = route.useSearch();
  const [adding, setAdding] = useState(false);
  const split = chooseSplit(board, asked);
  const entries = board.entries.filter((entry) => entry.split === split);
  const kinds = KINDS.filter((kind) => entries.some((entry) => entry.kind === kind));
  const chosen = board.splits.find(({ name }) => name === split);
  const add = (variant: 'primary' | 'secondary') => (
    <Button variant={variant} icon={<Plus size={14} aria-hidden />} onClick={() => setAdding(true)}>
      Add predictions
    </Button>
  );
  return (
    <div className={css.board}>
      {board.refuses ? <Notice tone="warn">{board.refuses}</Notice> : null}
      <Unfinished entries={board.unfinished} />
      <div className={css.bar}>
        {/* biome-ignore lint/a11y/noLabelWithoutControl: the kit's select is a control */}
        <label className={css.split}>
          Split
          <Select
            value={split}
            onChange={(e) => void navigate({ search: { split: e.target.value }, replace: true })}
          >
            {board.splits.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </Select>
        </label>
        {chosen ? (
          <span className={css.quiet}>
            {count(chosen.frames, 'frame')} of {count(chosen.infants, 'infant')}
            {chosen.bodies ? `, ${count(chosen.bodies, 'frame')} with a body fit` : ''}
          </span>
        ) : null}
        <span className={css.right}>{board.refuses || !kinds.length ? null : add('primary')}</span>
      </div>
      {kinds.map((kind) => {
        const ofKind = entries.filter((entry) => entry.kind === kind);
        const { pairs, older } = sortRows(ofKind, kind);
        return (
          <Section
            key={kind}
            title={KIND_LABELS[kind]}
            help={`${KIND_HELP[kind]} ${intervalWords(ofKind)}`}
          >
            <PairTable kind={kind} pairs={pairs} baseline={baselineOf(board, split, kind)} />
            <Older entries={older} />
          </Section>
        );
      })}
      {kinds.map((kind) => (
        <History key={kind} board={board} split={split} kind={kind} />
      ))}
      {kinds.length ? null : (
        <EmptyState
          icon={<Trophy size={20} />}
          title={board.refuses ? 'Nothing was measured' : `Nothing is measured on ${split} yet`}
          actions={board.refuses ? null : add('primary')}
        >
          {board.refuses
            ? 'Predictions are measured on published releases.'
            : 'Let a model predict the images of this split, and add its results here, or by “infantnet evaluate”. They are measured against the published labels.'}
        </EmptyState>
      )}
      {adding ? (
        <AddPredictions
          board={board}
          split={split}
          onClose={() => setAdding(false)}
          onBegun={(of) => void navigate({ search: { split: of }, replace: true })}
        />
      ) : null}
    </div>
  );
}

/** How well models predict a release. */
export default function LeaderboardPage() {
  const { release } = useOpenRelease();
  const { data, error, refetch } = useQuery(leaderboardQuery(release.id));
  if (data) return <Loaded board={data} />;
  if (error) {
    return (
      <ErrorState
        title="The leaderboard could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  return <SkeletonRows rows={6} height={48} />;
}
