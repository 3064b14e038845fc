import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Images, ListFilter } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { RecordingSubPage } from '@/features/recordings/parts/RecordingSubPage';
import { withDoubts } from '@/shared/api/doubts';
import { useMe } from '@/shared/api/queries/accounts';
import {
  comparisonQuery,
  inspectionFactsQuery,
  vouchingQuery,
} from '@/shared/api/queries/inspecting';
import { framesQuery, recordingCommentsQuery } from '@/shared/api/queries/recordings';
import { suspicionsQuery } from '@/shared/api/queries/suspicions';
import type { FrameItem, RecordingDetail } from '@/shared/api/types';
import { Button, EmptyState, ErrorState, Notice, SkeletonRows, toast } from '@/shared/ui';
import { peopleOf } from '../comments/remark';
import type { Personal } from '../personal/Personal';
import { ComparePane, type View } from './ComparePane';
import { FilterBar } from './FilterBar';
import { FrameCards } from './FrameCards';
import { chosen, type InspectItem, together } from './filters';
import { InspectHelp } from './InspectHelp';
import css from './inspect.module.css';
import type { InspectSearch } from './search';
import { Threads } from './Threads';
import { useLooks } from './useLooks';
import { usePersonal } from './usePersonal';
import { useWords } from './useWords';
import { VouchingBar } from './VouchingBar';

const inspectRoute = getRouteApi('/app/shell/recordings/$recordingId/inspect');

/** Where inspectors compare, judge joints, vouch by a sample, and return or approve. */
export default function InspectPage() {
  const { recordingId } = inspectRoute.useParams();
  const personal = usePersonal();
  return (
    <RecordingSubPage
      recordingId={recordingId}
      title="Inspect"
      actions={() => <InspectHelp personal={personal} />}
      wide
    >
      {(recording) => <Loading recording={recording} personal={personal} />}
    </RecordingSubPage>
  );
}

function Loading({ recording, personal }: { recording: RecordingDetail; personal: Personal }) {
  const { data: frames, error, refetch } = useQuery(framesQuery(recording.id));
  if (error && !frames) {
    return (
      <ErrorState
        title="The frames could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!frames) return <SkeletonRows rows={5} height={96} />;
  if (frames.length === 0) {
    return (
      <EmptyState icon={<Images size={20} />} title="No frames yet">
        They appear here when the import has finished.
      </EmptyState>
    );
  }
  return (
    <Inspecting key={recording.round} recording={recording} personal={personal} frames={frames} />
  );
}

function Inspecting({
  recording,
  personal,
  frames,
}: {
  recording: RecordingDetail;
  personal: Personal;
  frames: readonly FrameItem[];
}) {
  const search = inspectRoute.useSearch();
  const navigate = inspectRoute.useNavigate();
  const client = useQueryClient();
  const me = useMe();
  const { data: facts } = useQuery(inspectionFactsQuery(recording.id));
  const { data: vouching } = useQuery(vouchingQuery(recording.id));
  const { data: comments } = useQuery(recordingCommentsQuery(recording.id));
  const words = useWords(recording.id);
  const top = useRef<HTMLDivElement>(null);
  const [chosenJoint, setChosenJoint] = useState({ frameId: -1, joint: -1 });
  const [view, setView] = useState<View>({ flicker: false, whole: false });
  const { data: suspicions } = useQuery(suspicionsQuery(recording.id));
  const items = useMemo(
    () => together(suspicions ? withDoubts(frames, suspicions) : frames, facts),
    [frames, facts, suspicions],
  );
  const found = useFound(items, search);
  const at = found.findIndex(({ frame }) => frame.position + 1 === search.frame);
  const item = found[Math.max(at, 0)] ?? null;
  const frame = item?.frame ?? null;
  // A joint is chosen in one frame: whatever leads to another one leaves it behind.
  const joint =
    chosenJoint.frameId === frame?.id && chosenJoint.joint >= 0 ? chosenJoint.joint : null;
  const setJoint = (next: number | null): void =>
    setChosenJoint({ frameId: frame?.id ?? -1, joint: next ?? -1 });
  const looks = useLooks(recording.id, recording.round, frame?.id ?? null, recording.can.review);

  const change = (next: InspectSearch): void =>
    void navigate({ search: (now) => ({ ...now, frame: undefined, ...next }), replace: true });
  const open = ({ frame: { position } }: InspectItem): void => {
    void navigate({ search: (now) => ({ ...now, frame: position + 1 }), replace: true });
  };
  const step = (by: 1 | -1): void => {
    const next = found[Math.max(at, 0) + by];
    if (next) open(next);
    else if (by > 0) {
      // What can be done now stands above, where the page was scrolled away from.
      top.current?.scrollIntoView({ block: 'center' });
      toast.info('That was the last frame of this filter');
    }
  };
  // Other cameras' pictures of the same moment, as far as the filter shows them.
  const beside =
    recording.cameras > 1 && frame
      ? recording.cameras_list.map((camera) => ({
          camera,
          there: found.find(
            (one) => one.frame.camera_id === camera.id && one.frame.moment_id === frame.moment_id,
          ),
        }))
      : [];
  const toCamera = (by: 1 | -1): void => {
    const shown = beside.flatMap(({ there }) => there ?? []);
    const place = shown.findIndex((one) => one.frame.id === frame?.id);
    const next = shown[(place + by + shown.length) % shown.length];
    if (next) open(next);
  };
  const following = found[Math.max(at, 0) + 1]?.frame.id;
  useEffect(() => {
    if (following !== undefined) void client.prefetchQuery(comparisonQuery(following));
  }, [client, following]);

  return (
    <div className={css.page}>
      <div ref={top}>
        {vouching ? (
          <VouchingBar
            recording={recording}
            vouching={vouching}
            words={words}
            flush={() => looks.flush()}
            onShow={change}
          />
        ) : null}
      </div>
      {recording.can.review ? null : (
        <Notice>
          {recording.stage === 'inspecting'
            ? (recording.blocked_reason ?? 'The recording is with its inspector.')
            : 'Nothing is under inspection now. You can look at everything that was said.'}
        </Notice>
      )}
      {recording.can.review && recording.inspector === null ? (
        <Notice>
          Nobody inspects this recording yet. With your first mark it is yours, and other inspectors
          can no longer mark it.
        </Notice>
      ) : null}
      <FilterBar
        recording={recording}
        items={items}
        found={found.length}
        facts={facts}
        search={search}
        onChange={change}
      />
      {frame === null || item === null ? (
        <EmptyState
          compact
          icon={<ListFilter size={20} />}
          title="No frame matches these filters"
          actions={
            <Button
              onClick={() => change({ show: undefined, person: undefined, camera: undefined })}
            >
              Show all frames
            </Button>
          }
        />
      ) : (
        <div className={css.columns}>
          <FrameCards recordingId={recording.id} items={found} open={frame.id} onOpen={open} />
          <div className={css.side}>
            <ComparePane
              key={frame.id}
              recordingId={recording.id}
              frame={frame}
              personal={personal}
              mayJudge={recording.can.review}
              words={words}
              view={view}
              onView={setView}
              selected={joint}
              onSelect={setJoint}
              onStep={step}
              onCamera={beside.length > 0 ? toCamera : undefined}
              cameras={
                beside.length > 0 ? (
                  <fieldset className={css.cameras} aria-label="Cameras of this moment">
                    <span className={css.moment}>moment {frame.moment_index + 1}</span>
                    {beside.map(({ camera, there }) => (
                      <button
                        key={camera.id}
                        type="button"
                        aria-pressed={camera.id === frame.camera_id}
                        disabled={there === undefined}
                        title={
                          there
                            ? `${camera.name}, moment ${frame.moment_index + 1} (↑ ↓)`
                            : `${camera.name}: not among the frames of this filter`
                        }
                        onClick={() => there && open(there)}
                      >
                        {camera.name}
                      </button>
                    ))}
                  </fieldset>
                ) : null
              }
              threads={
                <Threads
                  frame={frame}
                  frames={frames}
                  comments={comments ?? []}
                  people={peopleOf(recording, facts?.people ?? [], me.id)}
                  joint={joint}
                  words={words}
                  mayWrite={recording.can.comment}
                />
              }
            />
          </div>
        </div>
      )}
    </div>
  );
}

/**
 * The frames that are asked for. Those that were there when the filter was chosen stay while one
 * judges them: otherwise each would vanish under the hand that marks it.
 */
function useFound(items: readonly InspectItem[], search: InspectSearch): InspectItem[] {
  const { show, person, camera, size, seed } = search;
  const ready = items.some(({ approved, author }) => approved || author !== null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: marks must not choose anew
  const ids = useMemo(
    () => new Set(chosen(items, { show, person, camera, size, seed }).map((i) => i.frame.id)),
    [show, person, camera, size, seed, items.length, ready],
  );
  return useMemo(() => {
    const kept = items.filter(({ frame }) => ids.has(frame.id));
    const order = [...ids];
    const place = new Map(order.map((id, i) => [id, i]));
    return kept.sort((a, b) => (place.get(a.frame.id) ?? 0) - (place.get(b.frame.id) ?? 0));
  }, [items, ids]);
}
