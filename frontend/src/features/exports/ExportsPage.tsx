import { useQuery } from '@tanstack/react-query';
import { Baby, Download, FileJson, Plus, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { JobProgress, JobStateBadge } from '@/features/jobs/JobRow';
import { kindOf } from '@/shared/api/fitFiles';
import { isActive, useJobAction } from '@/shared/api/queries/jobs';
import type { Export } from '@/shared/api/types';
import {
  count,
  formatBytes,
  formatDateTime,
  formatNumber,
  formatRelative,
} from '@/shared/lib/format';
import {
  Button,
  buttonClass,
  Cell,
  EmptyState,
  ErrorState,
  HeadCell,
  SkeletonRows,
  Table,
  toast,
} from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import css from './ExportsPage.module.css';
import { NewExport } from './NewExport';
import { exportFileUrl, exportsQuery } from './queries';

function Names({ names }: { names: string[] }) {
  const shown = names.slice(0, 3).join(', ');
  const rest = names.length - 3;
  return (
    <span className={css.clamped} title={names.join('\n')}>
      {rest > 0 ? `${shown} and ${rest} more` : shown}
    </span>
  );
}

function Status({ item }: { item: Export }) {
  const retry = useJobAction('retry');
  if (item.ready) {
    return (
      <a
        href={exportFileUrl(item.id)}
        download={item.filename}
        className={buttonClass({ size: 'sm' })}
      >
        <Download size={14} aria-hidden />
        Download
      </a>
    );
  }
  if (!item.job) return <span className={css.quiet}>No longer available</span>;
  if (isActive(item.job)) return <JobProgress job={item.job} />;
  const jobId = item.job.id;
  return (
    <div className={css.failed}>
      <JobStateBadge job={item.job} />
      {item.job.error ? <span>{item.job.error}</span> : null}
      <Button
        size="sm"
        icon={<RotateCw size={14} aria-hidden />}
        busy={retry.isPending}
        onClick={() =>
          retry.mutate(jobId, {
            onError: (error) => toast.error('The export could not be started again', error),
          })
        }
      >
        Try again
      </Button>
    </div>
  );
}

/** What a file holds, and the file that belongs to it. */
function Kind({ item, companion }: { item: Export; companion: Export | undefined }) {
  const beside = companion?.format === 'fits' ? 'with fits in' : 'goes with';
  return (
    <>
      {kindOf(item.format)}
      {companion ? (
        <span className={css.companion}>
          {beside} {companion.filename}
        </span>
      ) : null}
    </>
  );
}

/** A number that has nothing to say where the file holds no such thing. */
function Many({ value }: { value: number | null }) {
  return value === null ? (
    <Cell numeric quiet>
      –
    </Cell>
  ) : (
    <Cell numeric>{formatNumber(value)}</Cell>
  );
}

function ExportsTable({ items }: { items: Export[] }) {
  const byId = new Map(items.map((item) => [item.id, item]));
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>File</HeadCell>
          <HeadCell>Kind</HeadCell>
          <HeadCell>Recordings</HeadCell>
          <HeadCell numeric>Images</HeadCell>
          <HeadCell numeric>Annotations</HeadCell>
          <HeadCell numeric>Fits</HeadCell>
          <HeadCell numeric>Size</HeadCell>
          <HeadCell>Made</HeadCell>
          <HeadCell>
            <span className="visually-hidden">Download</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.id}>
            <td>
              <div className={css.file}>
                {item.format !== 'coco' ? (
                  <Baby size={16} aria-hidden />
                ) : (
                  <FileJson size={16} aria-hidden />
                )}
                <div>
                  {item.filename}
                  {item.sha256 ? (
                    <code title={`SHA-256 ${item.sha256}`}>sha256 {item.sha256.slice(0, 12)}…</code>
                  ) : null}
                </div>
              </div>
            </td>
            <td className={css.kind}>
              <Kind item={item} companion={byId.get(item.companion_id ?? 0)} />
            </td>
            <td className={css.names}>
              <Names names={item.recordings} />
            </td>
            <Many value={item.images} />
            <Many value={item.annotations} />
            <Many value={item.fits} />
            <Cell numeric>{item.bytes === null ? '' : formatBytes(item.bytes)}</Cell>
            <Cell quiet className={css.made} title={formatDateTime(item.created_at)}>
              {formatRelative(item.created_at)}
              {item.created_by ? <span className={css.by}>{item.created_by.name}</span> : null}
            </Cell>
            <td className={item.ready ? css.ready : undefined}>
              <Status item={item} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

export default function ExportsPage() {
  const [choosing, setChoosing] = useState(false);
  const { data, error, refetch } = useQuery(exportsQuery);
  const create = (
    <Button
      variant="primary"
      icon={<Plus size={14} aria-hidden />}
      onClick={() => setChoosing(true)}
    >
      New export
    </Button>
  );
  return (
    <Page
      title="Exports"
      description="COCO keypoint files of approved recordings (joints, boxes and masks), and body fits as .npz. One file for all the recordings that you choose."
      actions={create}
    >
      {data ? (
        data.length ? (
          <>
            <p className={css.summary}>{count(data.length, 'export')}</p>
            <ExportsTable items={data} />
          </>
        ) : (
          <EmptyState icon={<FileJson size={20} />} title="No exports yet" actions={create}>
            Choose approved recordings, and a COCO file is written that pycocotools and most
            training code can read.
          </EmptyState>
        )
      ) : error ? (
        <ErrorState
          title="The exports could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={4} height={48} />
      )}
      <NewExport open={choosing} onOpenChange={setChoosing} />
    </Page>
  );
}
