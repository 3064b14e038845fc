import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { withDoubts } from '@/shared/api/doubts';
import { errorMessage } from '@/shared/api/problem';
import { framesQuery, useFireEvent } from '@/shared/api/queries/recordings';
import { suspicionsQuery } from '@/shared/api/queries/suspicions';
import type { FrameItem, RecordingDetail, Vouching } from '@/shared/api/types';
import type { Event } from '@/shared/domain/rules.gen';
import { EVENT_LABELS } from '@/shared/domain/words';
import { count, formatNumber } from '@/shared/lib/format';
import { Button, Dialog, Notice, toast } from '@/shared/ui';
import { GlancedNotice, LeftList } from '../dialogs/LeftList';
import { NoteField } from '../dialogs/NoteField';
import { bookOf } from '../suspicion/book';
import { SampleNotice } from './SampleNotice';
import type { InspectSearch } from './search';
import type { Words } from './useWords';
import css from './vouching.module.css';
import { whySampleWaits } from './words';

interface ReturnDialogProps {
  recording: RecordingDetail;
  vouching: Vouching;
  words: Words;
  flush: () => Promise<void>;
  onShow: (search: InspectSearch) => void;
  onClose: () => void;
}

/** What becomes of the frames: the good ones stay approved, the rest goes back, in one gesture. */
export function ReturnDialog({
  recording,
  vouching,
  words,
  flush,
  onShow,
  onClose,
}: ReturnDialogProps) {
  const { data: frames } = useQuery(framesQuery(recording.id));
  const { data: doubts } = useQuery(suspicionsQuery(recording.id));
  const fire = useFireEvent(recording.id);
  const [note, setNote] = useState('');
  const [error, setError] = useState<string | null>(null);
  const waits = whySampleWaits(vouching);
  const revise = frames?.filter(({ mark }) => mark === 'revise').length ?? 0;
  const comments = recording.open_comments;
  const nothing = revise + comments === 0 && !note.trim();
  const decide = async (event: Event, done: string): Promise<void> => {
    setError(null);
    try {
      await words.drained();
      await flush();
      await fire.mutateAsync({ event, ...(note.trim() ? { note: note.trim() } : {}) });
      toast.ok(done);
      onClose();
    } catch (problem) {
      setError(errorMessage(problem));
    }
  };
  const doubted = useMemo(
    () => (frames && doubts ? { frames: withDoubts(frames, doubts), book: bookOf(doubts) } : null),
    [frames, doubts],
  );
  const glanced = frames?.find(({ id }) => id === vouching.glanced[0]);
  const show = (frame: FrameItem, filter: InspectSearch['show']): void => {
    onClose();
    onShow({ show: filter, frame: frame.position + 1 });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Return or approve"
      description={recording.name}
      width={560}
      footer={
        <>
          <Button
            variant="danger"
            busy={fire.isPending}
            disabled={nothing}
            onClick={() =>
              void decide('return', `Returned; ${count(vouching.vouched, 'frame')} stay approved.`)
            }
          >
            {vouching.vouched > 0 && vouching.vouched < vouching.frames
              ? `Approve ${formatNumber(vouching.vouched)}, return the rest`
              : EVENT_LABELS.return}
          </Button>
          <Button
            variant="primary"
            busy={fire.isPending}
            disabled={vouching.unvouched > 0 || waits !== null}
            title={
              vouching.unvouched > 0
                ? `${count(vouching.unvouched, 'frame')} not inspected yet`
                : (waits ?? undefined)
            }
            onClick={() => void decide('approve_keypoints', 'Approved.')}
          >
            Approve joints
          </Button>
        </>
      }
    >
      <div className={css.dialog}>
        <ul>
          <li>
            <b>{formatNumber(vouching.vouched)}</b> found good: approved and locked, also when the
            rest goes back
          </li>
          <li>
            <b>{formatNumber(revise)}</b> to revise: go back
            {comments ? `, with ${count(comments, 'open comment')}` : ''}
          </li>
          <li>
            <b>{formatNumber(vouching.open)}</b> not inspected: go back unlocked, nothing is asked
            of them
          </li>
        </ul>
        {doubted ? <LeftList {...doubted} inspecting={recording.can.review} onGo={show} /> : null}
        {glanced ? (
          <GlancedNotice frames={vouching.glanced.length} onLook={() => show(glanced, 'glanced')} />
        ) : null}
        <SampleNotice vouching={vouching} />
        {vouching.unvouched > 0 && revise === 0 ? (
          <Notice>
            To approve, look at the {count(vouching.open, 'frame')} left and mark them, or{' '}
            {vouching.samples.some(
              ({ round, finished_at }) => round === vouching.round && finished_at === null,
            )
              ? 'finish the random sample, by which they are accepted.'
              : 'draw a random sample, by which they are accepted.'}
          </Notice>
        ) : null}
        {nothing ? (
          <Notice>To return it, mark a frame to revise, comment on one, or write a note.</Notice>
        ) : null}
        <NoteField note={note} onChange={setNote} />
        {error !== null ? (
          <Notice tone="error">Nothing was decided: {error} Marks and comments are saved.</Notice>
        ) : null}
      </div>
    </Dialog>
  );
}
