import { useQuery } from '@tanstack/react-query';
import { Check, Eye, EyeOff, Lock, MessageSquare, RefreshCw } from 'lucide-react';
import { memo } from 'react';
import { urlOf } from '@/shared/api/client';
import { posesQuery } from '@/shared/api/queries/poses';
import { FRAME_STATE_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { cx, FrameStateDot, shownState } from '@/shared/ui';
import { InfantThumbnail } from '@/shared/ui/InfantThumbnail';
import { VirtualGrid } from '@/shared/ui/VirtualGrid';
import type { InspectItem } from './filters';
import css from './inspect.module.css';
import { oks } from './words';

const MIN_CELL_PX = 112;
const cellHeight = (width: number): number => ((width - 2) * 3) / 4 + 28;

interface FrameCardsProps {
  recordingId: number;
  items: readonly InspectItem[];
  open: number | null;
  onOpen: (item: InspectItem) => void;
}

/** The frames that were asked for, as pictures of the infant with its joints. */
export function FrameCards({ recordingId, items, open, onOpen }: FrameCardsProps) {
  const at = items.findIndex(({ frame }) => frame.id === open);
  return (
    <VirtualGrid
      label="Frames"
      items={items}
      keyOf={({ frame }) => frame.id}
      minWidth={MIN_CELL_PX}
      gap={6}
      shown={at}
      heightOf={cellHeight}
    >
      {(item) => (
        <FrameCard
          recordingId={recordingId}
          item={item}
          open={item.frame.id === open}
          onOpen={onOpen}
        />
      )}
    </VirtualGrid>
  );
}

const FrameCard = memo(function FrameCard({
  recordingId,
  item,
  open,
  onOpen,
}: {
  recordingId: number;
  item: InspectItem;
  open: boolean;
  onOpen: (item: InspectItem) => void;
}) {
  const { frame, approved, seen, wrong, agreement, glanced } = item;
  const { data: poses } = useQuery(posesQuery(recordingId, frame.position));
  const state = shownState(frame);
  const said = frame.mark ?? (approved ? 'approved' : null);
  const words = [
    `Frame ${frame.position + 1}`,
    FRAME_STATE_LABELS[state],
    said === 'good' ? 'marked good' : said === 'revise' ? 'marked to revise' : said,
    wrong ? `${count(wrong, 'joint')} marked wrong` : null,
    frame.comments ? count(frame.comments, 'open comment') : null,
    agreement !== null && agreement < 1 ? `OKS ${oks(agreement)} to the model` : null,
    seen ? 'looked at' : null,
    glanced ? 'marked without a look' : null,
  ];
  return (
    <button
      type="button"
      className={cx(
        css.card,
        open && css.open,
        said === 'revise' && css.revise,
        (said === 'good' || said === 'approved') && css.good,
      )}
      aria-current={open || undefined}
      aria-label={words.filter(Boolean).join(', ')}
      title={words.filter(Boolean).join(' · ')}
      onClick={() => onOpen(item)}
    >
      <InfantThumbnail
        src={urlOf('/api/v1/frames/{frame_id}/thumbnail', { frame_id: frame.id })}
        pose={poses?.get(frame.id)}
        className={css.thumbnail}
      />
      <span className={css.caption} aria-hidden>
        <FrameStateDot state={state} decorative />
        {frame.position + 1}
        <span className={css.signs}>
          {frame.comments ? <MessageSquare size={11} /> : null}
          {approved && frame.mark === null ? <Lock size={11} /> : null}
          {seen ? <Eye size={11} /> : null}
          {glanced ? <EyeOff size={11} className={css.signRevise} /> : null}
          {said === 'good' ? <Check size={13} className={css.signGood} /> : null}
          {said === 'revise' ? <RefreshCw size={11} className={css.signRevise} /> : null}
        </span>
      </span>
    </button>
  );
});
