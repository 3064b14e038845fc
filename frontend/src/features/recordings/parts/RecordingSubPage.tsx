import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { isStatus } from '@/shared/api/problem';
import { recordingQuery } from '@/shared/api/queries/recordings';
import type { RecordingDetail } from '@/shared/api/types';
import { ErrorState, Skeleton, SkeletonRows } from '@/shared/ui';
import { NotFoundPage } from '@/shared/ui/fallbacks';
import { Page } from '@/shared/ui/Page';
import { RecordingNav } from './RecordingNav';
import css from './RecordingSubPage.module.css';

interface RecordingSubPageProps {
  /** As it stands in the address. */
  recordingId: string;
  title: string;
  description?: ReactNode;
  actions?: (recording: RecordingDetail) => ReactNode;
  /** For pictures: the whole of a large screen. */
  wide?: boolean;
  children: (recording: RecordingDetail) => ReactNode;
}

/** One of a recording's further pages: the way back, its title, its neighbours, its content. */
export function RecordingSubPage({
  recordingId,
  title,
  description,
  actions,
  wide,
  children,
}: RecordingSubPageProps) {
  const id = Number(recordingId);
  const known = Number.isInteger(id) && id > 0;
  const { data, error, refetch } = useQuery({ ...recordingQuery(id), enabled: known });
  if (!known || isStatus(error, 404)) return <NotFoundPage />;
  return (
    <Page
      title={title}
      description={description}
      wide={wide}
      back={
        <Link to="/recordings/$recordingId" params={{ recordingId }}>
          <ChevronLeft size={14} aria-hidden />
          {data?.name ?? 'Recording'}
        </Link>
      }
      actions={data ? actions?.(data) : null}
    >
      <RecordingNav recordingId={id} />
      {data ? children(data) : null}
      {!data && error ? (
        <ErrorState
          title="The recording could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : null}
      {!data && !error ? (
        <div className={css.loading}>
          <Skeleton height={72} radius={8} />
          <SkeletonRows rows={6} height={48} />
        </div>
      ) : null}
    </Page>
  );
}
