import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ImageOff, Images, ListFilter, X } from 'lucide-react';
import { memo, useMemo } from 'react';
import { count, formatAge } from '@/shared/lib/format';
import { Button, EmptyState, ErrorState, Notice, SkeletonRows } from '@/shared/ui';
import { VirtualGrid } from '@/shared/ui/VirtualGrid';
import { useOpenRelease } from '../release';
import { conditionsOf, splitLabel } from './conditions';
import { Filters } from './Filters';
import { FrameDialog } from './FrameDialog';
import { FramePicture, SkeletonShape } from './FramePicture';
import css from './Frames.module.css';
import { More } from './More';
import { framesQuery, type HeldFrame } from './queries';
import { type FrameSearch, ofRecordings } from './search';

const route = getRouteApi('/app/shell/releases/$releaseId/frames');

const MIN_CELL_PX = 184;
const GAP_PX = 8;
/** The picture is 16:9, within a border of a pixel; the caption has a line of its own. */
const cellHeight = (width: number): number => ((width - 2) * 9) / 16 + 26 + 2;

const FrameCell = memo(function FrameCell({ frame }: { frame: HeldFrame }) {
  const age = frame.age_months === null ? '' : `${formatAge(frame.age_months)}, `;
  return (
    <Link
      from="/releases/$releaseId/frames"
      to="."
      search={(now) => ({ ...now, frame: frame.frame_id })}
      className={css.cell}
      preload={false}
      resetScroll={false}
    >
      <span className={css.thumbnail}>
        {frame.thumbnail_url ? (
          <FramePicture
            url={frame.thumbnail_url}
            width={frame.width}
            height={frame.height}
            label=""
          >
            {frame.keypoints ? (
              <SkeletonShape keypoints={frame.keypoints} unit={frame.width / MIN_CELL_PX} />
            ) : null}
          </FramePicture>
        ) : (
          <span className={css.erased}>
            <ImageOff size={18} aria-hidden />
            Erased from the store
          </span>
        )}
      </span>
      <span className={css.caption}>
        <span className="visually-hidden">{`Frame ${frame.frame_id}, ${age}`}</span>
        <span className={css.who}>{frame.pseudonym ?? `Infant ${frame.infant_id}`}</span>
        <span className={css.side}>{splitLabel(frame.split)}</span>
      </span>
    </Link>
  );
});

function Conditions({ search }: { search: FrameSearch }) {
  const conditions = conditionsOf(search);
  if (!conditions.length) return null;
  return (
    <ul className={css.conditions} aria-label="Conditions">
      {conditions.map(({ key, words, without }) => (
        <li key={key}>
          <Link
            from="/releases/$releaseId/frames"
            to="."
            search={without}
            className={css.condition}
          >
            {words}
            <X size={12} aria-label="Remove" />
          </Link>
        </li>
      ))}
      {conditions.length > 1 ? (
        <li>
          <Link from="/releases/$releaseId/frames" to="." search={{}}>
            Show all frames
          </Link>
        </li>
      ) : null}
    </ul>
  );
}

function Told({ search, draft }: { search: FrameSearch; draft: boolean }) {
  if (search.reason !== undefined) {
    return (
      <Notice>
        Discarded frames are not in the release. These are the discarded frames of its recordings as
        they are now.
      </Notice>
    );
  }
  if (search.raw) {
    return <Notice>All frames of the release’s recordings, as they are now.</Notice>;
  }
  return draft ? (
    <Notice>
      Nothing is frozen yet: this is what the rule selects now, with the labels of now.
    </Notice>
  ) : null;
}

/** Frames of a release, by what they show. */
export default function FramesPage() {
  const { release } = useOpenRelease();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    framesQuery(release.id, search),
  );
  const items = useMemo(() => data?.pages.flatMap((page) => page.frames) ?? [], [data]);
  const total = data?.pages[0]?.total ?? 0;
  const open = (frame: number | undefined) =>
    void navigate({ search: (now) => ({ ...now, frame }), replace: true, resetScroll: false });
  return (
    <div className={css.frames}>
      <Told search={search} draft={release.state === 'draft'} />
      <div className={css.bar}>
        <Filters release={release} />
        <p role="status">{data ? count(total, 'frame') : ''}</p>
      </div>
      <Conditions search={search} />
      {error && !data ? (
        <ErrorState
          title="The frames could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : !data ? (
        <SkeletonRows rows={4} height={120} />
      ) : items.length ? (
        <>
          <VirtualGrid
            label={count(total, 'frame')}
            items={items}
            keyOf={(frame) => frame.frame_id}
            minWidth={MIN_CELL_PX}
            gap={GAP_PX}
            heightOf={cellHeight}
          >
            {(frame) => <FrameCell frame={frame} />}
          </VirtualGrid>
          {hasNextPage ? (
            <More busy={isFetchingNextPage} onNear={() => void fetchNextPage()} />
          ) : null}
        </>
      ) : conditionsOf(search).length ? (
        <EmptyState
          compact
          icon={<ListFilter size={20} />}
          title="No frame matches these conditions"
          actions={<Button onClick={() => void navigate({ search: {} })}>Show all frames</Button>}
        />
      ) : (
        <EmptyState icon={<Images size={20} />} title="No frames yet">
          Choose frames by a rule on the overview; they appear here.
        </EmptyState>
      )}
      {search.frame === undefined ? null : (
        <FrameDialog
          release={release}
          frameId={search.frame}
          live={ofRecordings(search)}
          items={items}
          onOpen={open}
        />
      )}
    </div>
  );
}
