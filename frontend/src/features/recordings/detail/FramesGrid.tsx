import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Images, ListFilter, MessageSquare, TriangleAlert } from 'lucide-react';
import { memo, useMemo } from 'react';
import { CameraSelect } from '@/features/recordings/parts/CameraSelect';
import { StateBar, StateLegend } from '@/features/recordings/parts/StateBar';
import { urlOf } from '@/shared/api/client';
import { openDoubts, withDoubts } from '@/shared/api/doubts';
import { posesQuery } from '@/shared/api/queries/poses';
import { framesQuery } from '@/shared/api/queries/recordings';
import { suspicionsQuery } from '@/shared/api/queries/suspicions';
import type { FrameItem, RecordingDetail } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import type { QualityFlag } from '@/shared/domain/rules.gen';
import { FRAME_STATE_LABELS, labelOf, QUALITY_LABELS, REASON_LABELS } from '@/shared/domain/words';
import { count, formatDuration, formatNumber } from '@/shared/lib/format';
import {
  Button,
  cx,
  EmptyState,
  ErrorState,
  FrameStateDot,
  Select,
  SkeletonRows,
  shownState,
} from '@/shared/ui';
import { InfantThumbnail } from '@/shared/ui/InfantThumbnail';
import { VirtualGrid } from '@/shared/ui/VirtualGrid';
import css from './FramesGrid.module.css';
import {
  countQuality,
  countStates,
  FRAME_FILTER_LABELS,
  FRAME_ORDER_LABELS,
  filterFrames,
  orderOf,
} from './frames';
import {
  FRAME_FILTERS,
  FRAME_ORDERS,
  type FrameFilter,
  type FrameOrder,
  type RecordingSearch,
} from './search';

const recordingRoute = getRouteApi('/app/shell/recordings/$recordingId');

const MIN_CELL_PX = 136;
const GAP_PX = 8;
/** The picture is 4:3, within a border of a pixel; the caption has a line of its own. */
const cellHeight = (width: number): number => ((width - 2) * 3) / 4 + 26 + 2;

const FrameCell = memo(function FrameCell({
  frame,
  recordingId,
  cameraName,
}: {
  frame: FrameItem;
  recordingId: number;
  cameraName: string | null;
}) {
  const state = shownState(frame);
  const doubts = openDoubts(frame);
  const { data: poses } = useQuery(posesQuery(recordingId, frame.position));
  const words = [
    `Frame ${frame.position + 1}`,
    FRAME_STATE_LABELS[state],
    frame.reason ? REASON_LABELS[frame.reason] : null,
    frame.comments ? count(frame.comments, 'comment') : null,
    cameraName,
    doubts > 0 ? `${count(doubts, 'joint')} doubted` : null,
    frame.quick ? 'accepted quickly' : null,
    ...frame.flags.map((f) => QUALITY_LABELS[f]),
  ];
  return (
    <Link
      to="/recordings/$recordingId/frames/$frame"
      params={{ recordingId: String(recordingId), frame: frameParam(frame.position) }}
      className={cx(css.cell, state === 'discarded' && css.discarded)}
      title={words.filter(Boolean).join(' · ')}
      preload={false}
    >
      <span className="visually-hidden">{words.filter(Boolean).join(', ')}</span>
      <InfantThumbnail
        src={urlOf('/api/v1/frames/{frame_id}/thumbnail', { frame_id: frame.id })}
        pose={poses?.get(frame.id)}
        className={css.picture}
      />
      <span className={css.caption} aria-hidden>
        <FrameStateDot state={state} decorative />
        <span>{formatNumber(frame.position + 1)}</span>
        {frame.comments ? (
          <span className={css.comments}>
            <MessageSquare size={11} aria-hidden />
            {frame.comments}
          </span>
        ) : null}
        {doubts > 0 ? (
          <span className={css.doubts}>
            <TriangleAlert size={11} aria-hidden />
            {doubts}
          </span>
        ) : null}
        <span className={css.time}>{formatDuration(frame.time_s)}</span>
      </span>
    </Link>
  );
});

function Filters({
  recording,
  items,
}: {
  recording: RecordingDetail;
  items: readonly FrameItem[];
}) {
  const search = recordingRoute.useSearch();
  const navigate = recordingRoute.useNavigate();
  const states = useMemo(() => countStates(items), [items]);
  const quality = useMemo(() => countQuality(items), [items]);
  // Filters of boxes only where there are boxes.
  const shown = FRAME_FILTERS.filter((f) => !f.includes('box') || recording.boxes.total > 0);
  const change = (next: Partial<RecordingSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...next }), replace: true });
  return (
    <search className={css.filters}>
      <Select
        aria-label="State"
        value={search.state ?? ''}
        onChange={(e) =>
          change({ state: (e.target.value || undefined) as FrameFilter | undefined })
        }
      >
        <option value="">Every state ({formatNumber(items.length)})</option>
        {shown.map((state) => (
          <option key={state} value={state}>
            {FRAME_FILTER_LABELS[state]} ({formatNumber(states[state])})
          </option>
        ))}
      </Select>
      <Select
        aria-label="Image quality"
        value={search.quality ?? ''}
        onChange={(e) =>
          change({ quality: (e.target.value || undefined) as QualityFlag | undefined })
        }
      >
        <option value="">Any image quality</option>
        {(Object.keys(QUALITY_LABELS) as QualityFlag[]).map((flag) => (
          <option key={flag} value={flag}>
            {QUALITY_LABELS[flag]} ({formatNumber(quality[flag])})
          </option>
        ))}
      </Select>
      <CameraSelect
        recording={recording}
        camera={search.camera}
        onChange={(camera) => change({ camera })}
      />
      <Select
        aria-label="Order"
        value={orderOf(search)}
        onChange={(e) => change({ order: e.target.value as FrameOrder })}
      >
        {FRAME_ORDERS.map((order) => (
          <option key={order} value={order}>
            {FRAME_ORDER_LABELS[order]}
          </option>
        ))}
      </Select>
    </search>
  );
}

function Grid({ recording, items }: { recording: RecordingDetail; items: readonly FrameItem[] }) {
  const cameras = new Map(recording.cameras_list.map((c) => [c.id, c.name]));
  const several = cameras.size > 1;
  return (
    <VirtualGrid
      label="Frames"
      items={items}
      keyOf={(frame) => frame.id}
      minWidth={MIN_CELL_PX}
      gap={GAP_PX}
      heightOf={cellHeight}
    >
      {(frame) => (
        <FrameCell
          frame={frame}
          recordingId={recording.id}
          cameraName={several ? (cameras.get(frame.camera_id) ?? null) : null}
        />
      )}
    </VirtualGrid>
  );
}

export function FramesGrid({ recording }: { recording: RecordingDetail }) {
  const search = recordingRoute.useSearch();
  const navigate = recordingRoute.useNavigate();
  const { data, error, refetch } = useQuery(framesQuery(recording.id));
  const { data: suspicions } = useQuery(suspicionsQuery(recording.id));
  const items = useMemo(
    () => (data && suspicions ? withDoubts(data, suspicions) : (data ?? [])),
    [data, suspicions],
  );
  const chosen = filterFrames(items, search);
  const discards = Object.entries(recording.discard_counts);

  if (error && !data) {
    return (
      <ErrorState
        title="The frames could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <SkeletonRows rows={4} height={120} />;
  if (!items.length) {
    return (
      <EmptyState icon={<Images size={20} />} title="No frames yet">
        They appear here when the import has finished.
      </EmptyState>
    );
  }
  return (
    <div className={css.frames}>
      <div className={css.overview}>
        <StateBar counts={recording.counts} height={10} />
        <StateLegend counts={recording.counts} />
        {discards.length ? (
          <p>
            Discarded for{' '}
            {discards
              .map(([reason, n]) => `${labelOf(REASON_LABELS, reason).toLowerCase()} (${n})`)
              .join(', ')}
            .
          </p>
        ) : null}
      </div>
      <div className={css.bar}>
        <Filters recording={recording} items={items} />
        <p role="status">
          {chosen.length === items.length
            ? count(items.length, 'frame')
            : `${formatNumber(chosen.length)} of ${count(items.length, 'frame')}`}
        </p>
      </div>
      {chosen.length ? (
        <Grid recording={recording} items={chosen} />
      ) : (
        <EmptyState
          compact
          icon={<ListFilter size={20} />}
          title="No frame matches these filters"
          actions={
            <Button
              onClick={() =>
                void navigate({
                  search: (now) => ({
                    ...now,
                    state: undefined,
                    quality: undefined,
                    camera: undefined,
                  }),
                })
              }
            >
              Show all frames
            </Button>
          }
        />
      )}
    </div>
  );
}
