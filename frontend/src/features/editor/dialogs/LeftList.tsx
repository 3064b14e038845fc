import type { FrameItem } from '@/shared/api/types';
import { DOUBTFUL_FLAGS, MIN_LOOK_S } from '@/shared/domain/rules.gen';
import { QUALITY_LABELS } from '@/shared/domain/words';
import { count, formatNumber } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Notice } from '@/shared/ui/States';
import { type Book, leftByKind } from '../suspicion/book';
import css from './leftOver.module.css';

/** Which of the inspector’s filters shows the frames of a line. */
export type LeftFilter = 'suspicious' | 'flagged' | 'quick' | 'glanced';

interface LeftListProps {
  /** With what is doubted of each. */
  frames: readonly FrameItem[];
  book: Book;
  /** Whether frames were drawn for who reads this. */
  inspecting: boolean;
  /** Changes that nobody has looked through for doubts yet. */
  unread?: number;
  onGo: (frame: FrameItem, filter: LeftFilter) => void;
}

/** What nobody answered yet, each line a way there: doubted joints by kind, frames accepted unseen or in bad light. */
export function LeftList({ frames, book, inspecting, unread = 0, onGo }: LeftListProps) {
  const kinds = leftByKind(book, frames);
  const quick = frames.filter((item) => item.quick === true);
  const sampled = frames.filter((item) => item.sampled === true);
  const unseen = sampled.filter(({ mark }) => mark === null);
  const poor = DOUBTFUL_FLAGS.flatMap((flag) => {
    const where = frames.filter((item) => isKept(item) && item.flags.includes(flag));
    return where.length === 0 ? [] : [{ flag, where }];
  });
  if (kinds.length + quick.length + poor.length + unread === 0) return null;
  const go = (item: FrameItem | undefined, filter: LeftFilter): void => {
    if (item !== undefined) onGo(item, filter);
  };
  return (
    <section className={css.left} aria-label="Not answered yet">
      <h3>Not answered yet</h3>
      <ul>
        {kinds.map(({ doubt, name, joints, frames: where }) => (
          <li key={doubt}>
            <button type="button" onClick={() => go(frames[where[0] ?? -1], 'suspicious')}>
              <b>{count(joints, 'joint')}</b> in {count(where.length, 'frame')}: {name}
            </button>
          </li>
        ))}
        {poor.map(({ flag, where }) => (
          <li key={flag}>
            <button type="button" onClick={() => go(where[0], 'flagged')}>
              <b>{count(where.length, 'frame')}</b> kept: {QUALITY_LABELS[flag].toLowerCase()}
            </button>
          </li>
        ))}
        {quick.length > 0 && (
          <li>
            <button type="button" onClick={() => go(quick[0], 'quick')}>
              <b>{count(quick.length, 'frame')}</b> accepted without looking
            </button>
          </li>
        )}
        {inspecting && sampled.length > 0 && (
          <li>
            <button type="button" onClick={() => go(unseen[0] ?? sampled[0], 'quick')}>
              <b>{count(sampled.length, 'frame')}</b> of them drawn for you,{' '}
              {formatNumber(unseen.length)} without a mark
            </button>
          </li>
        )}
      </ul>
      {unread > 0 && (
        <p>{count(unread, 'change')} still being looked at: this list may become longer.</p>
      )}
    </section>
  );
}

/** So many frames were marked good before anybody can have seen them: a key pressed is not a look. */
export function GlancedNotice({ frames, onLook }: { frames: number; onLook: () => void }) {
  return (
    <Notice tone="warn">
      <b>{count(frames, 'frame')}</b> marked good after less than {MIN_LOOK_S} seconds on the
      screen. The record of this round says so.{' '}
      <Button size="sm" onClick={onLook}>
        Look at {frames === 1 ? 'it' : 'them'}
      </Button>
    </Notice>
  );
}

const isKept = ({ state }: FrameItem): boolean => state === 'accepted' || state === 'corrected';
