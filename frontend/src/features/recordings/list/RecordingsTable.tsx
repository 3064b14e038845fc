import { Link } from '@tanstack/react-router';
import { Cover } from '@/features/recordings/parts/Cover';
import { RecordingBadges } from '@/features/recordings/parts/RecordingBadges';
import { StateProgress } from '@/features/recordings/parts/StateBar';
import { isActive } from '@/shared/api/queries/jobs';
import type { RecordingSummary } from '@/shared/api/types';
import { labelOf, SOURCE_LABELS } from '@/shared/domain/words';
import {
  count,
  formatAge,
  formatDateTime,
  formatNumber,
  formatRelative,
} from '@/shared/lib/format';
import { Avatar, Cell, HeadCell, Progress, StageBadge, Table, Tooltip } from '@/shared/ui';
import css from './RecordingsPage.module.css';

function Who({ job, name }: { job: string; name: string | undefined }) {
  const text = name ? `${job}: ${name}` : `No ${job.toLowerCase()} yet`;
  return (
    <Tooltip content={text}>
      <span className={css.who} role="img" aria-label={text}>
        <Avatar name={name} size={24} />
      </span>
    </Tooltip>
  );
}

function JobLine({ recording }: { recording: RecordingSummary }) {
  const job = recording.active_job;
  if (!job || !isActive(job)) return <StateProgress counts={recording.counts} />;
  const text = job.state === 'queued' ? 'Waiting for a worker' : (job.message ?? job.title);
  return (
    <div className={css.job}>
      <Progress label={job.title} done={job.done} total={job.total} />
      <span title={text}>{text}</span>
    </div>
  );
}

export function RecordingsTable({ recordings }: { recordings: RecordingSummary[] }) {
  return (
    <Table className={css.table}>
      <thead>
        <tr>
          <HeadCell>Recording</HeadCell>
          <HeadCell>Stage</HeadCell>
          <HeadCell className={css.progressColumn}>Progress</HeadCell>
          <HeadCell numeric>Frames</HeadCell>
          <HeadCell>People</HeadCell>
          <HeadCell>Infant</HeadCell>
          <HeadCell>Source</HeadCell>
          <HeadCell>Changed</HeadCell>
        </tr>
      </thead>
      <tbody>
        {recordings.map((r) => (
          <tr key={r.id} className={css.row}>
            <td>
              <div className={css.recording}>
                <Cover frameId={r.cover_frame_id} width={56} />
                <div>
                  <Link
                    to="/recordings/$recordingId"
                    params={{ recordingId: String(r.id) }}
                    className={css.name}
                  >
                    {r.name}
                  </Link>
                  <div className={css.badges}>
                    <RecordingBadges recording={r} compact />
                  </div>
                </div>
              </div>
            </td>
            <td>
              <StageBadge stage={r.stage} />
            </td>
            <td>
              <JobLine recording={r} />
            </td>
            <Cell numeric>{formatNumber(r.frames)}</Cell>
            <td>
              <div className={css.people}>
                <Who job="Annotator" name={r.annotator?.name} />
                <Who job="Inspector" name={r.inspector?.name} />
              </div>
            </td>
            <td>
              <div className={css.two}>
                {r.infant.pseudonym}
                <span>{formatAge(r.age_months)}</span>
              </div>
            </td>
            <td>
              <div className={css.two}>
                {labelOf(SOURCE_LABELS, r.source)}
                <span>{count(r.cameras, 'camera')}</span>
              </div>
            </td>
            <Cell quiet title={formatDateTime(r.stage_since)}>
              {formatRelative(r.stage_since)}
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
