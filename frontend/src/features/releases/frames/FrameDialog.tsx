import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, ImageOff, PenLine } from 'lucide-react';
import { useState } from 'react';
import type { Release } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import { humanise, labelOf, REASON_LABELS, SOURCE_LABELS } from '@/shared/domain/words';
import { formatAge } from '@/shared/lib/format';
import { usePageKeys } from '@/shared/lib/usePageKeys';
import { buttonClass, Dialog, ErrorState, IconButton, Skeleton } from '@/shared/ui';
import { type Fact, FactList } from '@/shared/ui/FactList';
import { FramesLink } from '../FramesLink';
import { splitLabel } from './conditions';
import { FramePicture, SkeletonShape } from './FramePicture';
import css from './Frames.module.css';
import { Origins } from './Origins';
import { frameQuery, type HeldFrame } from './queries';

const SHOWN_WIDTH_PX = 860;

interface FrameDialogProps {
  release: Release;
  frameId: number;
  /** Whether it is looked for among the recordings' frames of now. */
  live: boolean;
  /** The list around it, for the frames before and after. */
  items: readonly HeldFrame[];
  onOpen: (frame: number | undefined) => void;
}

/** One frame as the release holds it, large, with the origins of its joints. */
export function FrameDialog({ release, frameId, live, items, onOpen }: FrameDialogProps) {
  const place = items.findIndex((item) => item.frame_id === frameId);
  const known = items[place];
  const { data, error, refetch } = useQuery({
    ...frameQuery(release.id, frameId, live),
    ...(known ? { initialData: known } : {}),
  });
  const [before, after] = place < 0 ? [] : [items[place - 1], items[place + 1]];
  usePageKeys(
    ({ key }) => {
      const next = { ArrowLeft: before, ArrowRight: after }[key];
      if (next) onOpen(next.frame_id);
      return next !== undefined;
    },
    { inDialog: true },
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onOpen(undefined))}
      title={
        data?.recording
          ? `${data.recording}${data.position === null ? '' : `, frame ${data.position + 1}`}`
          : 'Frame'
      }
      width={1240}
      description={data?.file_name ?? undefined}
      footer={
        <>
          <IconButton
            label="Frame before"
            shortcut="←"
            disabled={!before}
            onClick={() => onOpen(before?.frame_id)}
          >
            <ChevronLeft size={16} />
          </IconButton>
          <IconButton
            label="Frame after"
            shortcut="→"
            disabled={!after}
            onClick={() => onOpen(after?.frame_id)}
          >
            <ChevronRight size={16} />
          </IconButton>
          {data && data.position !== null ? (
            <Link
              to="/recordings/$recordingId/frames/$frame"
              params={{
                recordingId: String(data.recording_id),
                frame: frameParam(data.position),
              }}
              className={buttonClass({ variant: 'primary' })}
            >
              <PenLine size={14} aria-hidden />
              Open in the editor
            </Link>
          ) : null}
        </>
      }
    >
      {error ? (
        <ErrorState
          title="The frame could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : data === undefined ? (
        <Skeleton width={SHOWN_WIDTH_PX} height={480} />
      ) : data === null ? (
        <p className={css.quiet}>This release does not hold this frame.</p>
      ) : (
        // Another frame begins with no joint chosen.
        <Shown key={frameId} release={release} frame={data} live={live} />
      )}
    </Dialog>
  );
}

function Shown({ release, frame, live }: { release: Release; frame: HeldFrame; live: boolean }) {
  const [joint, setJoint] = useState<number | null>(null);
  const { box, keypoints } = frame;
  const unit = frame.width / SHOWN_WIDTH_PX;
  return (
    <div className={css.large}>
      <div
        className={css.stage}
        style={{
          aspectRatio: `${frame.width} / ${frame.height}`,
          width: `min(100%, ${(66 * frame.width) / frame.height}vh)`,
        }}
      >
        <FramePicture
          url={frame.image_url}
          width={frame.width}
          height={frame.height}
          label={`Frame ${frame.frame_id} with its joints`}
        >
          {box ? (
            <rect
              x={box.x}
              y={box.y}
              width={box.width}
              height={box.height}
              className={css.box}
              strokeWidth={1.5 * unit}
            />
          ) : null}
          {keypoints ? (
            <SkeletonShape keypoints={keypoints} unit={unit} onJoint={setJoint} chosen={joint} />
          ) : null}
        </FramePicture>
        {frame.image_url ? null : (
          <p className={css.gone}>
            <ImageOff size={18} aria-hidden />
            The picture was erased from the store since. The labels stay as they were released.
          </p>
        )}
      </div>
      <div className={css.told}>
        <Facts release={release} frame={frame} />
        <Origins release={release} frame={frame} live={live} joint={joint} onJoint={setJoint} />
      </div>
    </div>
  );
}

function Facts({ release, frame }: { release: Release; frame: HeldFrame }) {
  const infant = frame.pseudonym ?? `Infant ${frame.infant_id}, no longer in the store`;
  const facts: Fact[] = [
    [
      'Infant',
      <FramesLink key="infant" releaseId={release.id} search={{ infant: frame.infant_id }}>
        {infant}
      </FramesLink>,
    ],
    [
      'Recording',
      <FramesLink key="recording" releaseId={release.id} search={{ recording: frame.recording_id }}>
        {frame.recording ?? `Recording ${frame.recording_id}, no longer in the store`}
      </FramesLink>,
    ],
    ['Age', formatAge(frame.age_months)],
    ['Source', frame.source && labelOf(SOURCE_LABELS, frame.source)],
    ['Split', splitLabel(frame.split)],
    ['Discarded', frame.reason && labelOf(REASON_LABELS, frame.reason)],
    ['Posture', frame.posture && humanise(frame.posture)],
    ['Image', `${frame.width} × ${frame.height} px`],
    ['Body fit', frame.fitted ? 'yes' : null],
  ];
  return <FactList facts={facts} />;
}
