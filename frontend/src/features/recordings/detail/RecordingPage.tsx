import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { JobBanner } from '@/features/jobs/JobBanner';
import { RecordingBadges } from '@/features/recordings/parts/RecordingBadges';
import { RecordingNav } from '@/features/recordings/parts/RecordingNav';
import { returnNote } from '@/features/recordings/parts/returnNote';
import {
  framesQuery,
  recordingCommentsQuery,
  recordingQuery,
} from '@/shared/api/queries/recordings';
import type { RecordingDetail } from '@/shared/api/types';
import { ErrorState, Notice, Skeleton, SkeletonRows, StageBadge, Tabs } from '@/shared/ui';
import { NotFoundPage } from '@/shared/ui/fallbacks';
import { Page } from '@/shared/ui/Page';
import { Activity } from './Activity';
import { Comments } from './Comments';
import { EventButtons } from './EventButtons';
import { FailedImport } from './FailedImport';
import { FramesGrid } from './FramesGrid';
import { presenceOf } from './presence';
import css from './RecordingPage.module.css';
import { Rounds } from './Rounds';
import { SideColumn } from './SideColumn';
import { StageTimeline } from './StageTimeline';
import type { RecordingTab } from './search';

const recordingRoute = getRouteApi('/app/shell/recordings/$recordingId');

function Content({ recording }: { recording: RecordingDetail }) {
  const search = recordingRoute.useSearch();
  const navigate = recordingRoute.useNavigate();
  const { data: frames } = useQuery(framesQuery(recording.id));
  const { data: comments } = useQuery(recordingCommentsQuery(recording.id));
  const tab = search.tab ?? 'frames';
  const tabs: { value: RecordingTab; label: string; count?: number }[] = [
    { value: 'frames', label: 'Frames', count: recording.frames },
    { value: 'rounds', label: 'Rounds', count: recording.rounds.length || undefined },
    { value: 'comments', label: 'Comments', count: comments?.length || undefined },
    { value: 'activity', label: 'Activity' },
  ];
  return (
    <Tabs
      label="About this recording"
      tabs={tabs}
      value={tab}
      onChange={(next) =>
        void navigate({
          search: (now) => ({ ...now, tab: next === 'frames' ? undefined : next }),
          replace: true,
        })
      }
    >
      {tab === 'frames' ? <FramesGrid recording={recording} /> : null}
      {tab === 'rounds' ? <Rounds recording={recording} /> : null}
      {tab === 'comments' ? <Comments recording={recording} frames={frames ?? []} /> : null}
      {tab === 'activity' ? <Activity recordingId={recording.id} /> : null}
    </Tabs>
  );
}

/** What the inspector wrote with the last return, where the annotator cannot miss it. */
function ReturnNote({ recording }: { recording: RecordingDetail }) {
  const last = returnNote(recording);
  if (last === null) return null;
  return (
    <div className={css.notice}>
      <Notice tone="warn">
        <strong>{last.by}:</strong> {last.note}
      </Notice>
    </div>
  );
}

function Loaded({ recording }: { recording: RecordingDetail }) {
  return (
    <Page
      title={recording.name}
      heading={
        <>
          <h1>{recording.name}</h1>
          <StageBadge stage={recording.stage} />
          <RecordingBadges recording={recording} />
        </>
      }
      back={
        <Link to="/recordings">
          <ChevronLeft size={14} aria-hidden />
          Recordings
        </Link>
      }
      actions={<EventButtons recording={recording} />}
    >
      <RecordingNav recordingId={recording.id} />
      <StageTimeline recording={recording} />
      <JobBanner recording={recording} />
      <ReturnNote recording={recording} />
      {recording.blocked_reason ? (
        <div className={css.notice}>
          <Notice>{recording.blocked_reason}</Notice>
        </div>
      ) : null}
      <div className={css.columns}>
        <Content recording={recording} />
        <SideColumn recording={recording} />
      </div>
    </Page>
  );
}

export default function RecordingPage() {
  const { recordingId } = recordingRoute.useParams();
  const { job } = recordingRoute.useSearch();
  const id = Number(recordingId);
  const known = Number.isInteger(id) && id > 0;
  const { data, error, refetch } = useQuery({ ...recordingQuery(id), enabled: known });
  const { error: framesError } = useQuery({ ...framesQuery(id), enabled: known });
  const presence = presenceOf({ errors: [error, framesError], job, lastJob: data?.active_job });
  if (!known || presence.is === 'unknown') return <NotFoundPage />;
  if (presence.is === 'not-imported') return <FailedImport jobId={presence.job} />;
  if (data) return <Loaded recording={data} />;
  return (
    <Page title="Recording" bare>
      {error ? (
        <ErrorState
          title="The recording could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <div className={css.loading}>
          <Skeleton width={320} height={28} />
          <Skeleton height={72} radius={8} />
          <SkeletonRows rows={6} height={48} />
        </div>
      )}
    </Page>
  );
}
