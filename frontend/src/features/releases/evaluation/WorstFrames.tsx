import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ImageOff, SearchX } from 'lucide-react';
import { useEffect } from 'react';
import { JOINT_LABELS, JOINTS } from '@/shared/domain/rules.gen';
import { Button, Checkbox, EmptyState, ErrorState, Select, SkeletonRows } from '@/shared/ui';
import { VirtualGrid } from '@/shared/ui/VirtualGrid';
import { FrameDialog } from './FrameDialog';
import css from './Frames.module.css';
import { placeOf, shortPlaceOf, verdictOf } from './frameWords';
import { Legend, Overlay } from './Overlay';
import { windowOf } from './overlay';
import { type BoardFrame, type Evaluation, worstFramesQuery } from './queries';
import { ERROR_KINDS, type ErrorKind, type EvaluationSearch, type JointName } from './search';
import { ERROR_LABELS, spoken } from './words';

const route = getRouteApi('/app/shell/releases/$releaseId/leaderboard/$evaluationId');
const RATIO = 4 / 3;
const CAPTION = 56;

interface FiltersProps {
  evaluation: Evaluation;
  search: EvaluationSearch;
  onChange: (change: Partial<EvaluationSearch>) => void;
}

function Filters({ evaluation, search, onChange }: FiltersProps) {
  const joints = evaluation.kind === 'joints';
  return (
    <fieldset className={css.filters} aria-label="Which frames">
      <Select
        aria-label="Order"
        value={search.sort ?? 'worst'}
        onChange={(e) => onChange({ sort: e.target.value === 'best' ? 'best' : undefined })}
      >
        <option value="worst">Worst first</option>
        <option value="best">Best first</option>
      </Select>
      {joints ? (
        <>
          <Select
            aria-label="Joint"
            value={search.joint ?? ''}
            onChange={(e) => onChange({ joint: (e.target.value || undefined) as JointName })}
          >
            <option value="">Every joint</option>
            {JOINTS.map((joint, i) => (
              <option key={joint} value={joint}>
                {JOINT_LABELS[i]}
              </option>
            ))}
          </Select>
          <Select
            aria-label="Kind of error"
            value={search.error ?? ''}
            onChange={(e) => onChange({ error: (e.target.value || undefined) as ErrorKind })}
          >
            <option value="">Every kind of error</option>
            {ERROR_KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {ERROR_LABELS[kind]}
              </option>
            ))}
          </Select>
        </>
      ) : null}
      <Select
        aria-label="Recording"
        value={search.recording ?? ''}
        onChange={(e) => onChange({ recording: Number(e.target.value) || undefined })}
      >
        <option value="">Every recording</option>
        {evaluation.recordings.map(({ id, name, frames }) => (
          <option key={id} value={id}>
            {`${name ?? `Recording ${id}`} (${frames})`}
          </option>
        ))}
      </Select>
      {evaluation.parts.posture || evaluation.confusion ? (
        <Select
          aria-label="True posture"
          value={search.posture ?? ''}
          onChange={(e) => onChange({ posture: e.target.value || undefined })}
        >
          <option value="">Every posture</option>
          {(
            evaluation.parts.posture?.map((part) => part.name) ??
            evaluation.confusion?.names ??
            []
          ).map((name) => (
            <option key={name} value={name}>
              {spoken(name)}
            </option>
          ))}
        </Select>
      ) : null}
      {joints ? (
        <Checkbox
          checked={search.missed === true}
          onChange={(missed) => onChange({ missed: missed || undefined })}
          label="Only infants who were not found"
        />
      ) : null}
    </fieldset>
  );
}

function Tile({
  frame,
  evaluation,
  onOpen,
}: {
  frame: BoardFrame;
  evaluation: Evaluation;
  onOpen: () => void;
}) {
  const verdict = verdictOf(frame, evaluation);
  const worst = frame.worst_joint === null ? null : JOINT_LABELS[frame.worst_joint];
  return (
    <button type="button" className={css.tile} onClick={onOpen}>
      <span className={css.picture}>
        <Overlay
          frame={frame}
          view={windowOf(frame, RATIO)}
          width={280}
          label={`${placeOf(frame)}: truth and prediction`}
        />
        {frame.position === null ? (
          <span className={css.gone}>
            <ImageOff size={16} aria-hidden /> The image is gone
          </span>
        ) : null}
      </span>
      <span className={css.caption}>
        <span>
          <strong>{verdict}</strong>
          {worst && frame.joints ? `, worst: ${worst.toLowerCase()}` : ''}
        </span>
        <small title={placeOf(frame)}>{shortPlaceOf(frame)}</small>
      </span>
    </button>
  );
}

/** Frames with truth and prediction, the worst first; one opens large. */
export function WorstFrames({ evaluation }: { evaluation: Evaluation }) {
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    worstFramesQuery(evaluation.id, search),
  );
  const change = (next: Partial<EvaluationSearch>) =>
    void navigate({ search: { ...search, ...next }, replace: true });
  const frames = data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Boolean(
    search.joint || search.error || search.recording || search.posture || search.missed,
  );
  const open = search.frame;
  const index = frames.findIndex((frame) => frame.frame_id === open);
  const step = (by: number) => frames[index + by]?.frame_id;
  // Whoever steps through the frames does not stop at the end of a page.
  const atEnd = index >= 0 && index === frames.length - 1;
  useEffect(() => {
    if (atEnd && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [atEnd, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <div className={css.frames}>
      <div className={css.head}>
        <Filters evaluation={evaluation} search={search} onChange={change} />
        {evaluation.kind === 'joints' ? <Legend /> : null}
      </div>
      {error ? (
        <ErrorState
          title="The frames could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : !data ? (
        <SkeletonRows rows={3} height={220} />
      ) : frames.length ? (
        <VirtualGrid
          label="Frames"
          items={frames}
          keyOf={(frame) => frame.frame_id}
          minWidth={260}
          gap={16}
          heightOf={(width) => width / RATIO + CAPTION}
        >
          {(frame) => (
            <Tile
              frame={frame}
              evaluation={evaluation}
              onOpen={() => change({ frame: frame.frame_id })}
            />
          )}
        </VirtualGrid>
      ) : (
        <EmptyState
          icon={<SearchX size={20} />}
          title="No such frame"
          actions={
            filtered ? (
              <Button onClick={() => void navigate({ search: { tab: 'frames' }, replace: true })}>
                Show every frame
              </Button>
            ) : null
          }
        >
          No frame of this evaluation fits what is chosen above.
        </EmptyState>
      )}
      {hasNextPage ? (
        <Button className={css.more} busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more frames
        </Button>
      ) : null}
      {open ? (
        <FrameDialog
          evaluation={evaluation}
          frameId={open}
          known={frames[index]}
          previous={step(-1)}
          next={index < 0 ? undefined : step(1)}
          onMove={(frame) => change({ frame })}
          onClose={() => change({ frame: undefined })}
        />
      ) : null}
    </div>
  );
}
