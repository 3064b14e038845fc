import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Activity, AudioLines, Clapperboard, Clock3, Sparkles } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { JobBanner } from '@/features/jobs/JobBanner';
import { RecordingSubPage } from '@/features/recordings/parts/RecordingSubPage';
import { isActive } from '@/shared/api/queries/jobs';
import { framesQuery } from '@/shared/api/queries/recordings';
import type { FrameItem, RecordingDetail } from '@/shared/api/types';
import type { Trust } from '@/shared/domain/rules.gen';
import { Button, EmptyState, ErrorState, Kbd, Notice, Skeleton, toast } from '@/shared/ui';
import { ApplyDialog } from './ApplyDialog';
import { ClockPanel } from './ClockPanel';
import { Correlations } from './Correlations';
import {
  type Clocks,
  clocksOf,
  firstShown,
  frameMs,
  METHOD_WORDS,
  picturesOf,
  pictureTimes,
  relativeToFirst,
  round,
  sameClocks,
  sessionRange,
  snapped,
  stepped,
  trustOf,
  ZERO,
} from './clocks';
import {
  type MeasureBy,
  type Sync,
  syncStripsQuery,
  syncsQuery,
  useApplyClocks,
  useMeasureClocks,
  useSetClocks,
} from './queries';
import { Scrubber } from './Scrubber';
import css from './SyncPage.module.css';
import { useSyncKeys } from './useSyncKeys';
import { Versions } from './Versions';
import { Views } from './Views';

const syncRoute = getRouteApi('/app/shell/recordings/$recordingId/sync');

const METHODS: { by: MeasureBy; label: string; help: string; Icon: typeof Clock3 }[] = [
  {
    by: 'auto',
    label: 'Best available',
    help: 'Sound, timecode and motion, each checked by the others',
    Icon: Sparkles,
  },
  { by: 'audio', label: 'Sound', help: 'What all cameras heard', Icon: AudioLines },
  { by: 'motion', label: 'Motion', help: 'What all cameras saw move', Icon: Activity },
  { by: 'timecode', label: 'Timecode', help: 'What the cameras wrote down', Icon: Clapperboard },
];

function Methods({ recording }: { recording: RecordingDetail }) {
  const measure = useMeasureClocks(recording.id);
  const job = recording.active_job;
  const busy = measure.isPending || (job?.kind === 'synchronise' && isActive(job));
  return (
    <section className={css.section} aria-label="Measure">
      <h2>Measure</h2>
      <div className={css.methods}>
        {METHODS.map(({ by, label, help, Icon }) => (
          <Button
            key={by}
            size="sm"
            title={help}
            icon={<Icon size={14} aria-hidden />}
            disabled={busy}
            onClick={() =>
              measure.mutate(by, {
                onError: (error) => toast.error('The clocks could not be measured', error),
              })
            }
          >
            {label}
          </Button>
        ))}
      </div>
    </section>
  );
}

const LOOK_FIRST: Record<Exclude<Trust, 'sure'>, string> = {
  likely: 'Likely, but not sure: look at the pictures before you apply it.',
  doubtful: 'Doubtful: look at the pictures before you apply it.',
  guess: 'Hardly more than a guess: look at the pictures before you apply it.',
};

function Warnings({ version, edited }: { version: Sync | null; edited: boolean }) {
  if (!version) {
    return (
      <Notice>
        The clocks of these cameras have never been compared. Measure them, or line the pictures up
        by hand.
      </Notice>
    );
  }
  const measured = version.offsets.filter((offset) => offset.measured);
  const least = trustOf(Math.min(1, ...measured.map((offset) => offset.confidence ?? 0)));
  const warnings = [
    ...(least === 'sure' ? [] : [LOOK_FIRST[least]]),
    ...(version.report.warnings ?? []),
  ];
  if (!warnings.length || edited) return null;
  return (
    <Notice tone="warn">
      <ul className={css.warnings}>
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </Notice>
  );
}

interface LoadedProps {
  recording: RecordingDetail;
  versions: Sync[];
  frames: FrameItem[];
}

function Loaded({ recording, versions, frames }: LoadedProps) {
  const cameras = recording.cameras_list;
  const mayChange = recording.can.manage;
  const { data: strips } = useQuery(syncStripsQuery(recording.id));
  const [shown, setShown] = useState<Sync | null>(() => firstShown(versions));
  const [clocks, setClocks] = useState<Clocks>(() => clocksOf(shown?.offsets ?? []));
  const [selected, setSelected] = useState(cameras[1]?.id ?? cameras[0]?.id ?? 0);
  const [at, setAt] = useState<number | null>(null);
  const [asking, setAsking] = useState(false);
  const save = useSetClocks(recording.id);
  const apply = useApplyClocks(recording.id);

  const show = (version: Sync) => {
    setShown(version);
    setClocks(clocksOf(version.offsets));
  };
  const newest = versions[0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new version, not its refetch
  useEffect(() => {
    if (newest && newest.id !== shown?.id) show(newest);
  }, [newest?.id]);

  const pictures = useMemo(() => picturesOf(frames, strips), [frames, strips]);
  const range = useMemo(() => sessionRange(pictures, clocks), [pictures, clocks]);
  const instants = strips?.instants_s ?? [];
  const step = Math.min(...cameras.map(frameMs)) / 1000;
  const middle = instants[1] ?? (range[0] + range[1]) / 2;
  const first = cameras[0]?.id ?? 0;
  // Where the first camera has a picture: between its pictures, no camera shows the moment itself.
  const times = useMemo(
    () => pictureTimes(pictures.get(first) ?? [], clocks[first] ?? ZERO),
    [pictures, first, clocks],
  );
  const time = snapped(times, Math.min(range[1], Math.max(range[0], at ?? middle)));
  const known = shown ? versions.find((v) => v.id === shown.id) : undefined;
  const edited = !sameClocks(clocks, clocksOf(shown?.offsets ?? []), cameras);

  const setOffset = (cameraId: number, ms: number) =>
    setClocks((now) => ({
      ...now,
      [cameraId]: { ...(now[cameraId] ?? ZERO), offsetMs: round(ms) },
    }));
  const nudge = (count: number) => {
    const camera = cameras.find((c) => c.id === selected);
    if (!camera || !mayChange) return;
    setOffset(selected, (clocks[selected] ?? ZERO).offsetMs - count * frameMs(camera));
  };
  useSyncKeys({
    nudge,
    select: (number) => {
      const camera = cameras[number - 1];
      if (camera) setSelected(camera.id);
    },
    move: (count) => setAt(stepped(times, time, count, step)),
    jump: (direction) => {
      const beyond = instants.filter((i) => (i - time) * direction > step);
      if (beyond.length) setAt(direction > 0 ? Math.min(...beyond) : Math.max(...beyond));
    },
    enabled: !asking,
  });

  const saved = async (): Promise<Sync | null> => {
    if (!edited && known) return known;
    const wanted = relativeToFirst(clocks, cameras);
    const version = await save.mutateAsync(
      cameras.map(({ id }) => ({
        camera_id: id,
        offset_ms: (wanted[id] ?? ZERO).offsetMs,
        drift_ppm: (wanted[id] ?? ZERO).driftPpm,
      })),
    );
    show(version);
    return version;
  };
  const keep = () =>
    saved()
      .then((version) => version && toast.ok(`Kept as version ${version.version}`))
      .catch((error) => toast.error('The offsets could not be kept', error));
  const applyNow = () =>
    saved()
      .then(async (version) => {
        if (!version) return;
        const done = await apply.mutateAsync(version.id);
        toast.ok('kind' in done ? 'Frames are being extracted again' : 'Frames are paired again');
        setAsking(false);
      })
      .catch((error) => toast.error('The offsets could not be applied', error));

  const pairs = shown?.report.pairs ?? [];
  const inUse = known?.in_use === true && !edited;
  return (
    <div className={css.page}>
      <JobBanner recording={recording} />
      <div className={css.columns}>
        <div className={css.main}>
          <Views
            cameras={cameras}
            pictures={pictures}
            clocks={clocks}
            time={time}
            selected={selected}
            onSelect={setSelected}
          />
          <Scrubber
            time={time}
            range={range}
            instants={instants}
            step={step}
            onTime={setAt}
            onStep={(count) => setAt(stepped(times, time, count, step))}
          />
          <p className={css.keys}>
            <span>
              <Kbd>←</Kbd> <Kbd>→</Kbd> selected camera by one source frame, with <Kbd>Shift</Kbd>{' '}
              by ten
            </span>
            <span>
              <Kbd>1</Kbd>–<Kbd>{cameras.length}</Kbd> select
            </span>
            <span>
              <Kbd>,</Kbd> <Kbd>.</Kbd> time
            </span>
            <span>
              <Kbd>[</Kbd> <Kbd>]</Kbd> spots with every source frame
            </span>
          </p>
        </div>
        <aside className={css.side} aria-label="Offsets">
          {mayChange ? <Methods recording={recording} /> : null}
          <section className={css.section} aria-label="Clocks">
            <header>
              <h2>Offsets</h2>
              <span className={css.from}>
                {shown
                  ? `version ${shown.version} · ${METHOD_WORDS[shown.method]}${edited ? ', edited' : ''}`
                  : 'never compared'}
              </span>
            </header>
            <ClockPanel
              cameras={cameras}
              clocks={clocks}
              offsets={(known ?? shown)?.offsets ?? []}
              selected={selected}
              mayChange={mayChange}
              onSelect={setSelected}
              onOffset={setOffset}
            />
          </section>
          <Warnings version={shown} edited={edited} />
          {mayChange ? (
            <div className={css.buttons}>
              <Button
                variant="primary"
                disabled={inUse || (!shown && !edited)}
                onClick={() => setAsking(true)}
              >
                {inUse ? 'In use' : 'Apply…'}
              </Button>
              <Button disabled={!edited} busy={save.isPending} onClick={() => void keep()}>
                Keep as version
              </Button>
              <Button
                variant="ghost"
                disabled={!edited}
                onClick={() => setClocks(clocksOf(shown?.offsets ?? []))}
              >
                Undo
              </Button>
            </div>
          ) : null}
        </aside>
      </div>
      {pairs.length ? (
        <section className={css.section} aria-label="Pairs">
          <header>
            <h2>Cross-correlation: how alike the cameras are, by lag</h2>
            <span className={css.from}>
              grey: where they are most alike; dashed: where the offsets above expect it
              {shown?.report.residual_ms != null
                ? `; all pairs agree to ${shown.report.residual_ms.toFixed(1)} ms`
                : ''}
            </span>
          </header>
          <Correlations pairs={pairs} cameras={cameras} clocks={clocks} />
        </section>
      ) : null}
      {versions.length ? (
        <section className={css.section} aria-label="Versions">
          <h2>Versions</h2>
          <Versions versions={versions} shown={shown?.id ?? null} onShow={show} />
        </section>
      ) : null}
      {asking ? (
        <ApplyDialog
          recordingId={recording.id}
          cameras={cameras}
          clocks={relativeToFirst(clocks, cameras)}
          busy={apply.isPending || save.isPending}
          onClose={() => setAsking(false)}
          onApply={() => void applyNow()}
        />
      ) : null}
    </div>
  );
}

function Content({ recording }: { recording: RecordingDetail }) {
  const versions = useQuery(syncsQuery(recording.id));
  const frames = useQuery(framesQuery(recording.id));
  const error = versions.error ?? frames.error;
  if (recording.cameras_list.length < 2) {
    return (
      <EmptyState icon={<Clock3 size={20} />} title="A single camera needs no synchronisation">
        Recordings of several cameras are compared here.
      </EmptyState>
    );
  }
  if (versions.data && frames.data) {
    return <Loaded recording={recording} versions={versions.data} frames={frames.data} />;
  }
  if (error) {
    return (
      <ErrorState
        title="The clocks could not be loaded"
        error={error}
        onRetry={() => {
          void versions.refetch();
          void frames.refetch();
        }}
      />
    );
  }
  return <Skeleton height={420} radius={8} />;
}

/** The cameras' clocks: measured, judged by eye, set by hand, applied. */
export default function SyncPage() {
  const { recordingId } = syncRoute.useParams();
  return (
    <RecordingSubPage
      recordingId={recordingId}
      title="Synchronisation"
      description="All cameras should show the same moment. The common time is a camera’s own time plus its offset."
    >
      {(recording) => <Content recording={recording} />}
    </RecordingSubPage>
  );
}
