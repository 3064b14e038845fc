import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ChartColumn, Download } from 'lucide-react';
import { answer, http, urlOf } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { isMaintainer, useMe, usersQuery } from '@/shared/api/queries/accounts';
import type { Effort } from '@/shared/api/types';
import { count, formatDuration, formatNumber } from '@/shared/lib/format';
import {
  buttonClass,
  Cell,
  EmptyState,
  ErrorState,
  Field,
  HeadCell,
  PersonName,
  Select,
  SkeletonRows,
  Table,
} from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import css from './AnalyticsPage.module.css';
import { MetricPlot } from './MetricPlot';
import { inWords, METRIC_LOOKS } from './metrics';
import { BYS, type By, METRICS, type Metric, SPANS } from './search';

const route = getRouteApi('/app/shell/analytics');
const BY_LABELS: Record<By, string> = { person: 'Person', recording: 'Recording', week: 'Week' };
const DAY_MS = 86_400_000;

function sinceOf(weeks: number): string {
  return new Date(Date.now() - (weeks * 7 - 1) * DAY_MS).toISOString().slice(0, 10);
}

function EffortTable({ rows, total, by }: { rows: readonly Effort[]; total: Effort; by: By }) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>{BY_LABELS[by]}</HeadCell>
          <HeadCell numeric>Frames</HeadCell>
          <HeadCell numeric>Active time</HeadCell>
          <HeadCell numeric>s a frame</HeadCell>
          <HeadCell numeric>Frames / h</HeadCell>
          <HeadCell numeric>Actions</HeadCell>
          <HeadCell numeric>Accepted</HeadCell>
          <HeadCell numeric>Propagated</HeadCell>
          <HeadCell numeric>Corrected</HeadCell>
          <HeadCell numeric>Discarded</HeadCell>
          <HeadCell numeric>Moved by</HeadCell>
          <HeadCell numeric>Returned</HeadCell>
          <HeadCell numeric title="Wrong joints in 1,000, found by samples">
            Errors ‰
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {[...rows, ...(rows.length > 1 ? [total] : [])].map((row) => (
          <tr key={row.key} className={row === total ? css.total : undefined}>
            <td>{by === 'person' && row !== total ? <PersonName name={row.name} /> : row.name}</td>
            <Cell numeric>{formatNumber(row.frames)}</Cell>
            <Cell numeric title={`measured for ${row.measured} of ${count(row.frames, 'frame')}`}>
              {row.active_s ? formatDuration(row.active_s) : '–'}
            </Cell>
            <Cell numeric>{inWords(row, 'seconds_per_frame')}</Cell>
            <Cell numeric>{inWords(row, 'frames_per_hour')}</Cell>
            <Cell numeric>{inWords(row, 'actions_per_frame')}</Cell>
            <Cell numeric title={inWords(row, 'share_accepted')}>
              {formatNumber(row.accepted)}
            </Cell>
            <Cell numeric title={inWords(row, 'share_propagated')}>
              {formatNumber(row.propagated)}
            </Cell>
            <Cell numeric>{formatNumber(row.corrected)}</Cell>
            <Cell numeric>{formatNumber(row.discarded)}</Cell>
            <Cell numeric>{inWords(row, 'px_per_joint')}</Cell>
            <Cell
              numeric
              title={`${row.returned} of ${count(row.marked, 'frame')} that were inspected`}
            >
              {inWords(row, 'return_rate')}
            </Cell>
            <Cell
              numeric
              title={`${row.wrong_joints} of ${count(row.sampled_joints, 'joint')} that samples looked at`}
            >
              {inWords(row, 'errors_per_1000')}
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** How people work: time, actions, what was accepted and what came back. */
export default function AnalyticsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const maintains = isMaintainer(useMe());
  const { by = 'person', metric = 'seconds_per_frame', weeks = 12, person } = search;
  const { data: users = [] } = useQuery({ ...usersQuery, enabled: maintains });
  const asked = { by, since: sinceOf(weeks), person_id: person };
  const { data, error, refetch } = useQuery({
    queryKey: keys.analytics(asked),
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/analytics', { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });
  const change = (next: Partial<typeof search>) =>
    void navigate({ search: (now) => ({ ...now, ...next }), replace: true });
  const table = new URLSearchParams({
    by,
    since: asked.since,
    ...(person ? { person_id: String(person) } : {}),
  });
  return (
    <Page
      title="Analytics"
      description={
        maintains
          ? 'How people work: time, actions, what was accepted and what came back.'
          : 'How you work: time, actions, what was accepted and what came back. Only you and maintainers see it.'
      }
      actions={
        <a href={`${urlOf('/api/v1/analytics.csv')}?${table}`} className={buttonClass()} download>
          <Download size={14} aria-hidden />
          Table as CSV
        </a>
      }
    >
      <search className={css.filters}>
        <Field label="By">
          {(control) => (
            <Select
              {...control}
              value={by}
              onChange={(e) => change({ by: BYS.find((one) => one === e.target.value) })}
            >
              {BYS.map((one) => (
                <option key={one} value={one}>
                  {BY_LABELS[one]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Time">
          {(control) => (
            <Select
              {...control}
              value={weeks}
              onChange={(e) => change({ weeks: Number(e.target.value) })}
            >
              {SPANS.map((span) => (
                <option key={span} value={span}>
                  last {span} weeks
                </option>
              ))}
            </Select>
          )}
        </Field>
        {maintains ? (
          <Field label="Person">
            {(control) => (
              <Select
                {...control}
                value={person ?? ''}
                onChange={(e) => change({ person: Number(e.target.value) || undefined })}
              >
                <option value="">everybody</option>
                {users.map((user) => (
                  <option key={user.id} value={user.id}>
                    {user.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ) : null}
        <Field label="Shown">
          {(control) => (
            <Select
              {...control}
              value={metric}
              onChange={(e) =>
                change({ metric: METRICS.find((one: Metric) => one === e.target.value) })
              }
            >
              {METRICS.map((one) => (
                <option key={one} value={one}>
                  {METRIC_LOOKS[one].label}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </search>
      {data ? (
        data.rows.length ? (
          <div className={css.content}>
            <figure className={css.figure}>
              <figcaption>
                <h2>{METRIC_LOOKS[metric].label}</h2>
                <p>{METRIC_LOOKS[metric].help}</p>
              </figcaption>
              <MetricPlot rows={data.rows} metric={metric} weeks={by === 'week'} />
            </figure>
            <EffortTable rows={data.rows} total={data.total} by={by} />
          </div>
        ) : (
          <EmptyState icon={<ChartColumn size={20} />} title="No work in this time">
            Numbers appear here as soon as frames are saved. Choose a longer time to look further
            back.
          </EmptyState>
        )
      ) : error ? (
        <ErrorState
          title="The numbers could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </Page>
  );
}
