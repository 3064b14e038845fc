import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ScanSearch } from 'lucide-react';
import type { ModelOutlook, PrelabelReport, RecordingOutlook } from '@/shared/api/types';
import { count, formatNumber, percent } from '@/shared/lib/format';
import {
  Badge,
  Cell,
  EmptyState,
  ErrorState,
  HeadCell,
  Notice,
  SkeletonRows,
  StageBadge,
  Table,
} from '@/shared/ui';
import { two } from './numbers';
import css from './quality.module.css';
import { prelabelsQuery } from './queries';

/** What pre-labels of waiting recordings are expected to be worth, and which are unlike others. */
export function Prelabels() {
  const { data, error, refetch } = useQuery(prelabelsQuery);
  if (error) {
    return (
      <ErrorState
        title="The pre-labels could not be judged"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <SkeletonRows rows={5} height={40} />;
  if (!data.models.length) {
    return (
      <EmptyState icon={<ScanSearch size={20} />} title="No recording has pre-labels yet">
        Run pre-labels on a recording. Once others are approved, this page tells what to expect of
        them.
      </EmptyState>
    );
  }
  return (
    <div className={css.stack}>
      <p className={css.note}>
        How like the approved joints pre-labels will be (OKS: 1 is exact, .5 roughly right), told
        from scores and from what scores were worth in approved recordings of the same model. Those
        with least come first: there a person’s work gains most.
      </p>
      {data.models.map((model) => (
        <Model key={`${model.model} ${model.simulated}`} model={model} report={data} />
      ))}
    </div>
  );
}

function Model({ model, report }: { model: ModelOutlook; report: PrelabelReport }) {
  const known = model.known.length;
  const mean = known ? model.known.reduce((sum, one) => sum + one.oks, 0) / known : null;
  const unlike = model.waiting.filter((one) => one.unlike);
  return (
    <section className={css.model}>
      <h2>
        {model.model}
        {model.simulated && !model.model.includes('simulated') ? ' (simulated)' : ''}
      </h2>
      <p className={css.note}>
        {known
          ? `${count(known, 'approved recording')}: pre-labels were worth ${two(mean)} on average.`
          : 'No recording of it is approved yet, so nothing tells what its scores are worth.'}{' '}
        {model.coverage !== null
          ? `Ranges hold in ${percent(model.coverage)} of recordings like these; by chance 1 of ${known + 1} is called unlike the others.`
          : known
            ? `Ranges are told from ${report.min_known} approved recordings on.`
            : null}
      </p>
      {unlike.length ? (
        <Notice tone="warn">
          {count(unlike.length, 'recording')} unlike all approved ones: another camera, age, light
          or clothing may be the reason. Do not rely on what is expected there; annotate some frames
          first.
        </Notice>
      ) : null}
      {model.waiting.length ? <Waiting rows={model.waiting} /> : null}
      {model.unknown.length ? (
        <p className={css.note}>Waiting: {model.unknown.map((one) => one.name).join(', ')}.</p>
      ) : null}
      {!model.waiting.length && !model.unknown.length ? (
        <p className={css.note}>None of its recordings waits for people.</p>
      ) : null}
    </section>
  );
}

function Waiting({ rows }: { rows: readonly RecordingOutlook[] }) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Recording</HeadCell>
          <HeadCell>Stage</HeadCell>
          <HeadCell numeric>Expected OKS</HeadCell>
          <HeadCell numeric>Range</HeadCell>
          <HeadCell numeric>Nobody found</HeadCell>
          <HeadCell numeric>Frames looked at</HeadCell>
          <HeadCell>Beside approved recordings</HeadCell>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.recording.id}>
            <td>
              <Link
                to="/recordings/$recordingId"
                params={{ recordingId: String(row.recording.id) }}
              >
                {row.recording.name}
              </Link>
            </td>
            <td>
              <StageBadge stage={row.stage} />
            </td>
            <Cell numeric>{two(row.expected)}</Cell>
            <Cell numeric>
              {row.low !== null && row.high !== null ? `${two(row.low)} – ${two(row.high)}` : '–'}
            </Cell>
            <Cell numeric>{percent(row.nobody / Math.max(row.frames, 1))}</Cell>
            <Cell numeric>{formatNumber(row.frames)}</Cell>
            <td title={distanceWords(row)}>
              {row.unlike === null ? (
                'Too few to tell'
              ) : row.unlike ? (
                <Badge tone="warn">Unlike the others</Badge>
              ) : (
                'Like the others'
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function distanceWords(row: RecordingOutlook): string {
  const far = `Distance of its scores from theirs: ${two(row.distance)}`;
  return row.usual === null ? far : `${far}; among them at most ${two(row.usual)}`;
}
