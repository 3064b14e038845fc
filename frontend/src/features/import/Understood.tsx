import { useQueryClient } from '@tanstack/react-query';
import { keys } from '@/shared/api/keys';
import { useJobAction } from '@/shared/api/queries/jobs';
import type { Inspection } from '@/shared/api/types';
import { count, formatDuration, formatNumber } from '@/shared/lib/format';
import { Button, Cell, HeadCell, Notice, Progress, Table } from '@/shared/ui';
import css from './ImportPage.module.css';

interface UnderstoodProps {
  /** Null before the files have arrived. */
  seen: Inspection | null;
  /** Why the server could not be asked. */
  problem: string | null;
}

function Looking({ seen }: { seen: Inspection }) {
  const retry = useJobAction('retry');
  const client = useQueryClient();
  const { job } = seen;
  if (!job) return null;
  const again = () =>
    retry.mutate(job.id, {
      onSuccess: () => client.invalidateQueries({ queryKey: keys.inspections }),
    });
  if (job.state === 'failed' || job.state === 'cancelled') {
    return (
      <Notice tone="error">
        <p>The files could not be examined. {job.error}</p>
        <Button size="sm" busy={retry.isPending} onClick={again}>
          Try again
        </Button>
      </Notice>
    );
  }
  return (
    <div className={css.totals}>
      <Progress label="Looking at the files" done={job.done} total={job.total} />
      <span>{job.state === 'queued' ? 'Waiting for a worker' : 'Looking at the files'}</span>
    </div>
  );
}

function facts(seen: Inspection, camera: Inspection['cameras'][number]): string {
  const first = seen.files.find((file) => file.upload_id === camera.files[0]?.upload_id);
  const said = [
    first?.width && first.height ? `${first.width} × ${first.height}` : null,
    camera.fps ? `${Math.round(camera.fps * 100) / 100} fps` : null,
    first?.has_audio ? 'sound' : 'no sound',
    first?.timecode ? `timecode ${first.timecode}` : null,
    camera.files.length > 1 ? count(camera.files.length, 'file') : null,
  ];
  return said.filter(Boolean).join(' · ');
}

/** What an import would make of the videos, before it begins. */
export function Understood({ seen, problem }: UnderstoodProps) {
  if (problem) return <Notice tone="error">{problem}</Notice>;
  if (!seen) {
    return <p className={css.help}>Shown here once the files have arrived.</p>;
  }
  if (!seen.ready) return <Looking seen={seen} />;
  const faults = seen.files.flatMap((file) => file.fault ?? []);
  const several = seen.cameras.length > 1;
  return (
    <div className={css.stack}>
      {faults.map((fault) => (
        <Notice key={fault} tone="error">
          {fault}
        </Notice>
      ))}
      {seen.cameras.length ? (
        <>
          <p>
            <strong>{count(seen.moments, 'moment')}</strong>
            {several ? `, ${formatNumber(seen.complete)} of them seen by all cameras.` : '.'}
          </p>
          <Table aria-label="Cameras">
            <thead>
              <tr>
                <HeadCell>Camera</HeadCell>
                <HeadCell numeric>Length</HeadCell>
                <HeadCell numeric>Frames to take</HeadCell>
                {several ? <HeadCell numeric>Moments without it</HeadCell> : null}
              </tr>
            </thead>
            <tbody>
              {seen.cameras.map((camera) => (
                <tr key={camera.files[0]?.upload_id}>
                  <Cell>
                    <div className={css.seen}>
                      <strong>{camera.name}</strong>
                      <span>{facts(seen, camera)}</span>
                    </div>
                  </Cell>
                  <Cell numeric>{formatDuration(camera.duration_s)}</Cell>
                  <Cell numeric>{formatNumber(camera.taken)}</Cell>
                  {several ? <Cell numeric>{formatNumber(camera.missing)}</Cell> : null}
                </tr>
              ))}
            </tbody>
          </Table>
        </>
      ) : null}
      {seen.warnings.length ? (
        <Notice>
          <ul className={css.notes}>
            {seen.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
    </div>
  );
}
