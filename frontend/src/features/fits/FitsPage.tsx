import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Baby, ChevronLeft, ScanLine } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { JobBanner } from '@/features/jobs/JobBanner';
import { RecordingBadges } from '@/features/recordings/parts/RecordingBadges';
import { RecordingNav } from '@/features/recordings/parts/RecordingNav';
import { onFrameEvent } from '@/shared/api/events';
import { keys } from '@/shared/api/keys';
import { isStatus } from '@/shared/api/problem';
import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { momentsQuery } from '@/shared/api/queries/calibrations';
import { isActive } from '@/shared/api/queries/jobs';
import { recordingQuery } from '@/shared/api/queries/recordings';
import type { RecordingDetail } from '@/shared/api/types';
import { Button, ErrorState, Notice, Skeleton } from '@/shared/ui';
import { NotFoundPage } from '@/shared/ui/fallbacks';
import { ExportButton } from './ExportButton';
import { FitDialog } from './FitDialog';
import css from './FitsPage.module.css';
import { FitsScreen } from './FitsScreen';
import { NoFits } from './NoFits';
import { fitDefaultsQuery, fitKeys, fitsQuery } from './queries';
import { ScansDialog } from './ScansDialog';

const fitsRoute = getRouteApi('/app/recordings/$recordingId/fits');

function Header({ recording, actions }: { recording: RecordingDetail; actions?: ReactNode }) {
  return (
    <header className={css.header}>
      <Link
        to="/recordings/$recordingId"
        params={{ recordingId: String(recording.id) }}
        className={css.back}
        aria-label={`Back to ${recording.name}`}
      >
        <ChevronLeft size={16} aria-hidden />
      </Link>
      <div className={css.titles}>
        <h1>Body fits · Validation</h1>
        <p>
          {recording.name}
          <RecordingBadges recording={recording} compact />
        </p>
      </div>
      <div className={css.nav}>
        <RecordingNav recordingId={recording.id} />
      </div>
      <div className={css.actions}>{actions}</div>
    </header>
  );
}

/** A changed joint makes a fit stale: ask again a moment after somebody saved one. */
function useStaleness(recordingId: number): void {
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onFrameEvent((event) => {
      if (event.recording_id !== recordingId) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        client.invalidateQueries({ queryKey: fitKeys.fits(recordingId) });
        client.invalidateQueries({ queryKey: keys.moments(recordingId) });
      }, 800);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [client, recordingId]);
}

function Content({ recording }: { recording: RecordingDetail }) {
  useStaleness(recording.id);
  const fits = useQuery(fitsQuery(recording.id));
  const moments = useQuery(momentsQuery(recording.id));
  const { data: defaults } = useQuery(fitDefaultsQuery);
  const [fitting, setFitting] = useState(false);
  const [scanning, setScanning] = useState(false);
  const me = useMe();
  const [selected, setSelected] = useState<number[]>([]);
  const data = fits.data;
  const job = recording.active_job;
  const running = job?.kind === 'fit' && isActive(job);
  const error = fits.error ?? moments.error;
  if (!data || !moments.data || !defaults) {
    return (
      <>
        <Header recording={recording} />
        <div className={css.empty}>
          {error ? (
            <ErrorState
              title="The body fits could not be loaded"
              error={error}
              onRetry={() => {
                void fits.refetch();
                void moments.refetch();
              }}
            />
          ) : (
            <Skeleton height={480} radius={8} />
          )}
        </div>
      </>
    );
  }
  const scans = isMaintainer(me) ? (
    <Button icon={<ScanLine size={14} aria-hidden />} onClick={() => setScanning(true)}>
      Scans
    </Button>
  ) : null;
  const actions = data.fits.length ? (
    <>
      {scans}
      <ExportButton recordingId={recording.id} data={data} />
      {data.may_fit ? (
        <Button
          icon={<Baby size={14} aria-hidden />}
          disabled={running}
          onClick={() => setFitting(true)}
        >
          Fit…
        </Button>
      ) : null}
    </>
  ) : (
    scans
  );
  return (
    <>
      <Header recording={recording} actions={actions} />
      {job?.kind === 'fit' ? (
        <div className={css.banner}>
          <JobBanner recording={recording} />
        </div>
      ) : null}
      {data.calibration_changed && data.fits.length ? (
        <div className={css.banner}>
          <Notice tone="warn">
            The recording uses another calibration now than the one that these fits were made with.
            Fit it again to follow.
          </Notice>
        </div>
      ) : null}
      {data.fits.length ? (
        <FitsScreen
          recording={recording}
          data={data}
          defaults={defaults}
          session={moments.data}
          onSelection={setSelected}
        />
      ) : (
        <div className={css.empty}>
          {running ? null : (
            <NoFits recording={recording} data={data} onFit={() => setFitting(true)} />
          )}
        </div>
      )}
      {scanning ? (
        <ScansDialog recordingId={recording.id} onClose={() => setScanning(false)} />
      ) : null}
      {fitting ? (
        <FitDialog
          recording={recording}
          selected={data.fits.length ? selected : []}
          stale={data.counts.stale}
          verified={data.counts.verified}
          body={data.run?.body_name}
          onClose={() => setFitting(false)}
        />
      ) : null}
    </>
  );
}

export default function FitsPage() {
  const { recordingId } = fitsRoute.useParams();
  const id = Number(recordingId);
  const known = Number.isInteger(id) && id > 0;
  const { data, error, refetch } = useQuery({ ...recordingQuery(id), enabled: known });
  useEffect(() => {
    document.title = `Body fits${data ? ` · ${data.name}` : ''} · InfantNet`;
  }, [data]);
  if (!known || isStatus(error, 404)) return <NotFoundPage />;
  return (
    <main className={css.page}>
      {data ? <Content recording={data} /> : null}
      {!data && error ? (
        <div className={css.empty}>
          <ErrorState
            title="The recording could not be loaded"
            error={error}
            onRetry={() => void refetch()}
          />
        </div>
      ) : null}
    </main>
  );
}
