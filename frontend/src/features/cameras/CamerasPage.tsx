import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Camera as CameraIcon } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import { useState } from 'react';
import { JobBanner } from '@/features/jobs/JobBanner';
import { RecordingSubPage } from '@/features/recordings/parts/RecordingSubPage';
import { calibrationsQuery } from '@/shared/api/queries/calibrations';
import type { Calibration, RecordingDetail } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import { buttonClass, EmptyState, ErrorState, Skeleton, SkeletonRows } from '@/shared/ui';
import css from './CamerasPage.module.css';
import { DriftResults } from './DriftResults';
import { LensStep } from './LensStep';
import { type PlaceMethod, PlaceStep } from './PlaceStep';
import { type Drift, driftQuery, type Phase } from './queries';
import { StatePanel } from './StatePanel';
import { Step } from './Step';
import { current, lensReport, nextStep, ofPhase, PHASES, standOf } from './state';
import { useFollowed } from './useCalibrationForm';
import { Versions } from './Versions';
import { px } from './words';

const camerasRoute = getRouteApi('/app/shell/recordings/$recordingId/cameras');

type StepName = 'lens' | 'place' | 'drift';

interface LoadedProps {
  recording: RecordingDetail;
  versions: readonly Calibration[];
  drift: Drift | null;
}

function PhaseChoice({ phase, onChange }: { phase: Phase; onChange: (phase: Phase) => void }) {
  return (
    <div className={css.phases}>
      <strong id="phase-label">Boards filmed</strong>
      <RadioGroup.Root
        className={css.segments}
        aria-labelledby="phase-label"
        value={phase}
        onValueChange={(value) => onChange(value as Phase)}
      >
        {PHASES.map(({ value, label }) => (
          <RadioGroup.Item key={value} value={value} className={css.segment}>
            {label}
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      <p>{PHASES.find((p) => p.value === phase)?.help}</p>
    </div>
  );
}

/** `, errors 0.21 to 0.92 px`; nothing where they are not known. */
function errorsWords(
  version: Calibration | null,
  versions: readonly Calibration[],
  cameras: readonly { id: number }[],
): string {
  const known = cameras.flatMap((c) =>
    version ? (lensReport(version, versions, c.id)?.report.rms_px ?? []) : [],
  );
  return known.length
    ? `, errors ${Math.min(...known).toFixed(2)} to ${px(Math.max(...known))}`
    : '';
}

function firstOpen({ recording, versions, drift }: LoadedProps): StepName | null {
  const next = nextStep(versions, recording.cameras_list, drift);
  if (next === 'lens' || next === 'place') return next;
  return drift ? 'drift' : null;
}

function Loaded(props: LoadedProps) {
  const { recording, versions, drift } = props;
  const cameras = recording.cameras_list;
  const mayChange = recording.can.manage;
  const [phase, setPhase] = useState<Phase>(() => current(versions)?.phase ?? 'before');
  const [chosen, setOpen] = useState<StepName | 'next' | null>(() => firstOpen(props));
  const [method, setMethod] = useState<PlaceMethod>('board');
  const followed = useFollowed((s) => s.job);
  // Begun before a reload, or by somebody else.
  const job = recording.active_job;
  const elsewhere = job?.kind === 'calibrate' && job.id !== followed;
  const shown = ofPhase(versions, phase)[0] ?? null;
  const stand = standOf(shown, cameras);
  const lensDone = stand.of > 0 && stand.lenses === stand.of;
  const following: StepName = lensDone
    ? phase === 'after' && stand.ready
      ? 'drift'
      : 'place'
    : 'lens';
  const open = chosen === 'next' ? following : chosen;
  const toggle = (step: StepName) => (now: boolean) => setOpen(now ? step : null);
  return (
    <div className={css.page}>
      <StatePanel cameras={cameras} versions={versions} drift={drift} />
      {elsewhere ? <JobBanner recording={recording} /> : null}
      {mayChange || versions.length ? <PhaseChoice phase={phase} onChange={setPhase} /> : null}
      <Step
        number={1}
        title="Lens"
        summary={
          lensDone
            ? `${count(stand.lenses, 'lens', 'lenses')} known${errorsWords(shown, versions, cameras)}`
            : 'Intrinsics: how each camera bends what it sees, from a small checkerboard'
        }
        done={lensDone}
        open={open === 'lens'}
        onToggle={toggle('lens')}
      >
        <LensStep
          recordingId={recording.id}
          cameras={cameras}
          versions={versions}
          phase={phase}
          shown={shown}
          mayChange={mayChange}
          onDone={() => setOpen('next')}
          onImport={() => {
            setMethod('import');
            setOpen('place');
          }}
        />
      </Step>
      <Step
        number={2}
        title="Place"
        summary={
          stand.ready
            ? `${count(stand.placed, 'camera')} placed`
            : 'Extrinsics: where each camera stands, from a large board, known points, or a file'
        }
        done={stand.ready}
        open={open === 'place'}
        onToggle={toggle('place')}
      >
        <PlaceStep
          recordingId={recording.id}
          cameras={cameras}
          versions={versions}
          phase={phase}
          shown={shown}
          mayChange={mayChange}
          method={method}
          onMethod={setMethod}
          onDone={() => setOpen('next')}
        />
      </Step>
      <Step
        number={3}
        title="Check after the visit"
        summary={
          drift
            ? drift.exceeded
              ? 'A camera moved by more than the limit'
              : 'The cameras stood still'
            : 'Whether a camera was moved while the infant was filmed'
        }
        done={drift !== null && !drift.exceeded}
        alarm={drift?.exceeded}
        open={open === 'drift'}
        onToggle={toggle('drift')}
      >
        <DriftResults cameras={cameras} versions={versions} drift={drift} />
      </Step>
      {versions.length ? (
        <Versions
          recordingId={recording.id}
          cameras={cameras}
          versions={versions}
          mayChange={mayChange}
        />
      ) : null}
    </div>
  );
}

function OneCamera({ recording }: { recording: RecordingDetail }) {
  return (
    <EmptyState
      icon={<CameraIcon size={20} />}
      title="A single camera needs no calibration"
      actions={
        <Link
          to="/recordings/$recordingId"
          params={{ recordingId: String(recording.id) }}
          className={buttonClass()}
        >
          Back to the recording
        </Link>
      }
    >
      Positions in the room come from several cameras that see the same moment. Body fits of this
      recording use an assumed camera with a typical angle of view; their size is a guess, and every
      fit says so.
    </EmptyState>
  );
}

function Cameras({ recording }: { recording: RecordingDetail }) {
  const several = recording.cameras_list.length > 1;
  const calibrations = useQuery({ ...calibrationsQuery(recording.id), enabled: several });
  const drift = useQuery({ ...driftQuery(recording.id), enabled: several });
  if (!several) return <OneCamera recording={recording} />;
  if (calibrations.data && drift.data !== undefined) {
    return <Loaded recording={recording} versions={calibrations.data} drift={drift.data} />;
  }
  const error = calibrations.error ?? drift.error;
  if (error) {
    return (
      <ErrorState
        title="The calibrations could not be loaded"
        error={error}
        onRetry={() => {
          void calibrations.refetch();
          void drift.refetch();
        }}
      />
    );
  }
  return (
    <div className={css.page}>
      <Skeleton height={180} radius={8} />
      <SkeletonRows rows={3} height={56} />
    </div>
  );
}

export default function CamerasPage() {
  const { recordingId } = camerasRoute.useParams();
  return (
    <RecordingSubPage
      recordingId={recordingId}
      title="Cameras"
      description="How each lens bends what it sees (intrinsics), and where each camera stands (extrinsics)."
    >
      {(recording) => <Cameras recording={recording} />}
    </RecordingSubPage>
  );
}
