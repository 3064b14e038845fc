import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ImageOff, PenLine } from 'lucide-react';
import { memo, useMemo, useState } from 'react';
import type { Release } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import { JOINTS } from '@/shared/domain/rules.gen';
import { performed, usePageKeys } from '@/shared/lib/usePageKeys';
import { ErrorState, Kbd, SkeletonRows } from '@/shared/ui';
import { VirtualGrid } from '@/shared/ui/VirtualGrid';
import { splitLabel } from '../frames/conditions';
import { FramePicture, SkeletonShape } from '../frames/FramePicture';
import { jointsOf } from '../frames/joints';
import { More } from '../frames/More';
import css from './Changes.module.css';
import { regionOf, wordsOf } from './changes';
import { type ChangedFrame, changedFramesQuery } from './queries';
import type { Kind } from './search';

const MIN_CELL_PX = 300;
const GAP_PX = 12;
const ASPECT = 4 / 3;
const CAPTION_PX = 78;
const cellHeight = (width: number): number => (width - 2) / ASPECT + CAPTION_PX;

const SHOWN = ['both', 'before', 'after'] as const;
type Shown = (typeof SHOWN)[number];
const SHOWN_LABELS: Readonly<Record<Shown, string>> = {
  both: 'Both',
  before: 'Before',
  after: 'After',
};

/** `B` goes from before to after and back; both at once at first. */
function useShown(): [Shown, (shown: Shown) => void] {
  const [shown, setShown] = useState<Shown>('both');
  const turn = () => setShown((now) => (now === 'before' ? 'after' : 'before'));
  usePageKeys((event) => performed({ b: turn }, event));
  return [shown, setShown];
}

interface ChangedFramesProps {
  release: Release;
  base: number | undefined;
  kind: Kind;
}

/** Frames that differ in one way, those that differ most first. */
export function ChangedFrames({ release, base, kind }: ChangedFramesProps) {
  const query = useInfiniteQuery(changedFramesQuery(release.id, base, kind));
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const [shown, setShown] = useShown();
  const items = useMemo(() => data?.pages.flatMap((page) => page.frames) ?? [], [data]);
  if (error && !data) {
    return (
      <ErrorState
        title="The frames could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <SkeletonRows rows={3} height={240} />;
  return (
    <>
      {kind === 'came' || kind === 'went' ? null : (
        <fieldset className={css.shown}>
          <legend className="visually-hidden">Which skeleton is drawn</legend>
          {SHOWN.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === shown}
              onClick={() => setShown(one)}
            >
              {SHOWN_LABELS[one]}
            </button>
          ))}
          <span className={css.quiet}>
            <Kbd>B</Kbd> goes from before to after; before is drawn with broken lines.
          </span>
        </fieldset>
      )}
      <VirtualGrid
        label="Frames that differ"
        items={items}
        keyOf={(frame) => frame.frame_id}
        minWidth={MIN_CELL_PX}
        gap={GAP_PX}
        heightOf={cellHeight}
      >
        {(frame) => <Changed frame={frame} shown={shown} />}
      </VirtualGrid>
      {hasNextPage ? <More busy={isFetchingNextPage} onNear={() => void fetchNextPage()} /> : null}
    </>
  );
}

const Changed = memo(function Changed({ frame, shown }: { frame: ChangedFrame; shown: Shown }) {
  const { before, after } = frame;
  const side = after ?? before;
  if (!side) return <p className={css.quiet}>Frame {frame.frame_id} is in neither version now.</p>;
  const region = regionOf(frame, ASPECT);
  const unit = region.width / MIN_CELL_PX;
  // With one version only there is nothing to choose.
  const drawn = before && after ? shown : after ? 'after' : 'before';
  const words = wordsOf(frame);
  return (
    <article className={css.changed} aria-label={`Frame ${frame.frame_id}`}>
      <div className={css.picture}>
        <FramePicture
          url={side.image_url}
          width={side.width}
          height={side.height}
          region={region}
          label={`Frame ${frame.frame_id}: ${words.join(', ') || 'in one version only'}`}
        >
          {before && drawn !== 'after' ? (
            <Side side={before} unit={unit} ghost={drawn === 'both'} />
          ) : null}
          {after && drawn !== 'before' ? <Side side={after} unit={unit} /> : null}
          {before && after && drawn === 'both' ? <Ways frame={frame} unit={unit} /> : null}
        </FramePicture>
        {side.image_url ? null : (
          <span className={css.erased}>
            <ImageOff size={16} aria-hidden />
            Erased from the store
          </span>
        )}
      </div>
      <div className={css.caption}>
        <span className={css.words}>{words.join(' · ') || (after ? 'Frame in' : 'Frame out')}</span>
        <span className={css.where}>
          {side.pseudonym ?? `Infant ${side.infant_id}`} · {splitLabel(side.split)}
          {side.position === null ? null : (
            <Link
              to="/recordings/$recordingId/frames/$frame"
              params={{ recordingId: String(side.recording_id), frame: frameParam(side.position) }}
              aria-label={`Open frame ${frame.frame_id} in the editor`}
            >
              <PenLine size={12} aria-hidden />
              Editor
            </Link>
          )}
        </span>
      </div>
    </article>
  );
});

/** The way of each joint that moved. */
function Ways({ frame, unit }: { frame: ChangedFrame; unit: number }) {
  const from = jointsOf(frame.before?.keypoints ?? []);
  const to = jointsOf(frame.after?.keypoints ?? []);
  return Object.keys(frame.moved).map((name) => {
    const joint = (JOINTS as readonly string[]).indexOf(name);
    const [a, b] = [from[joint], to[joint]];
    return a && b ? (
      <g key={name} className={css.way}>
        <line x1={a.x} y1={a.y} x2={b.x} y2={b.y} />
        <circle cx={b.x} cy={b.y} r={8 * unit} />
      </g>
    ) : null;
  });
}

interface SideProps {
  side: NonNullable<ChangedFrame['before']>;
  unit: number;
  ghost?: boolean;
}

function Side({ side: { box, keypoints }, unit, ghost }: SideProps) {
  return (
    <>
      {box ? (
        <rect
          x={box.x}
          y={box.y}
          width={box.width}
          height={box.height}
          className={css.box}
          strokeDasharray={ghost ? '5 4' : undefined}
        />
      ) : null}
      {keypoints ? <SkeletonShape keypoints={keypoints} unit={unit} ghost={ghost} /> : null}
    </>
  );
}
