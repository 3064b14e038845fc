import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import type { Stuck } from '@/shared/api/types';
import { count, formatDateTime, formatSince } from '@/shared/lib/format';
import { Badge, Cell, HeadCell, PersonName, StageBadge, Table, type Tone } from '@/shared/ui';
import css from './Lab.module.css';

const WHY: Record<Stuck['why'], { label: string; tone: Tone }> = {
  failed_job: { label: 'Job failed', tone: 'danger' },
  returned: { label: 'Returned', tone: 'warn' },
  nobody: { label: 'Nobody has it', tone: 'warn' },
  idle: { label: 'No activity', tone: 'warn' },
  stale_boxes: { label: 'Stale boxes', tone: 'neutral' },
};

function what(row: Stuck, days: number): string {
  if (row.why === 'failed_job') return row.words ?? 'See the job’s log.';
  if (row.why === 'stale_boxes')
    return `${count(row.n ?? 0, 'box', 'boxes')} older than the joints`;
  if (row.why === 'returned') return 'Waits for its annotator to revise it';
  if (row.why === 'nobody') return 'Waits for somebody to be assigned';
  return `Nothing was saved for ${count(days, 'day')}`;
}

/** What does not move by itself, with the reason and a way to it. */
export function StuckList({ stuck, days }: { stuck: readonly Stuck[]; days: number }) {
  if (!stuck.length) {
    return (
      <p className={css.allWell}>
        <CircleCheck size={16} aria-hidden />
        Nothing is stuck: no failed jobs, nothing returned, nothing without activity for{' '}
        {count(days, 'day')}.
      </p>
    );
  }
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Why</HeadCell>
          <HeadCell>Recording</HeadCell>
          <HeadCell>What</HeadCell>
          <HeadCell>With</HeadCell>
          <HeadCell>Since</HeadCell>
        </tr>
      </thead>
      <tbody>
        {stuck.map((row) => (
          <tr key={`${row.why} ${row.recording?.id ?? ''} ${row.job_id ?? ''}`}>
            <td>
              <Badge tone={WHY[row.why].tone}>{WHY[row.why].label}</Badge>
            </td>
            <td>
              <span className={css.where}>
                {row.recording ? (
                  <Link
                    to="/recordings/$recordingId"
                    params={{ recordingId: String(row.recording.id) }}
                  >
                    {row.recording.name}
                  </Link>
                ) : (
                  <Link to="/jobs">Jobs</Link>
                )}
                {row.stage ? <StageBadge stage={row.stage} /> : null}
              </span>
            </td>
            <Cell quiet>
              <span className={css.words} title={what(row, days)}>
                {what(row, days)}
              </span>
            </Cell>
            <td>{row.person ? <PersonName name={row.person.name} /> : null}</td>
            <Cell quiet title={formatDateTime(row.since)}>
              {formatSince(row.since)}
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
