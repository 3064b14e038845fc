import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { keys } from '@/shared/api/keys';
import { errorMessage } from '@/shared/api/problem';
import { vouchingQuery } from '@/shared/api/queries/inspecting';
import { framesQuery } from '@/shared/api/queries/recordings';
import { queryClient } from '@/shared/api/queryClient';
import type { FrameItem, Vouching } from '@/shared/api/types';
import type { Event } from '@/shared/domain/rules.gen';
import { EVENT_HELP, EVENT_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Dialog } from '@/shared/ui/Dialog';
import { Notice } from '@/shared/ui/States';
import { awaitsDecision, orderOf } from '../frames/navigation';
import { SampleNotice } from '../inspect/SampleNotice';
import { whySampleWaits } from '../inspect/words';
import { useEditor, useEditorParts } from '../store/context';
import css from './dialogs.module.css';
import { Glanced } from './Glanced';
import { LeftOver } from './LeftOver';
import { NoteField } from './NoteField';

interface Summary {
  readonly rows: readonly (readonly [number, string])[];
  readonly undecided: number;
  readonly returnWhy: string | null;
  readonly approveWhy: string | null;
  /** Index of the first frame that a decision waits for, if there is one to jump to. */
  readonly first?: number | undefined;
}

/** What was said a moment ago may still be on its way when the dialog opens. */
const WORDS_ARRIVE_MS = 2_000;

/** The inspector’s word on the whole recording: return it, or approve it. */
export function DecideDialog() {
  const editor = useEditor();
  const { frames, mode, recording } = useEditorParts((s) => ({
    frames: s.frames,
    mode: s.mode,
    recording: s.recording,
  }));
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [unseen, setUnseen] = useState<number | null>(null);
  const boxes = mode === 'boxes';
  // Earlier rounds and samples vouch for frames that bear no mark: the server knows for which.
  const { data: vouching } = useQuery({
    ...vouchingQuery(recording.id),
    enabled: !boxes,
    staleTime: 0,
    refetchInterval: WORDS_ARRIVE_MS,
  });
  const summary = boxes ? boxSummary(frames, note) : jointSummary(frames, note, vouching);
  const { first } = summary;
  const events: { back: Event; approve: Event } = boxes
    ? { back: 'return_boxes', approve: 'approve' }
    : { back: 'return', approve: 'approve_keypoints' };

  const run = async (name: string, work: () => Promise<unknown>, failed: string): Promise<void> => {
    setBusy(name);
    setError(null);
    try {
      await work();
    } catch (problem) {
      setError(`${failed}: ${errorMessage(problem)}`);
    }
    setBusy(null);
  };
  const fire = (event: Event, done: string): Promise<void> =>
    run(
      event,
      async () => {
        await editor.suspicions.drained();
        await editor.reviews.fireEvent(event, note);
        editor.open(null);
        editor.notify(done);
      },
      'Nothing was decided',
    );
  const rest = (): Promise<void> =>
    run(
      'rest',
      async () => {
        if (!boxes) {
          const unseen = await editor.reviews.markSeenGood();
          setUnseen(unseen);
          await queryClient.invalidateQueries({ queryKey: keys.vouching(recording.id) });
          return unseen;
        }
        const approved = await editor.reviews.approveRemainingBoxes();
        editor.cache.invalidateAll();
        editor.frames.replace(await freshFrames(recording.id));
        editor.walk.reload();
        return approved;
      },
      'The rest was not marked',
    );

  return (
    <Dialog
      open
      onOpenChange={() => editor.open(null)}
      title={boxes ? 'Decide on the boxes' : 'Decide on the recording'}
      description={recording.name}
      width={560}
      footer={
        <>
          <Button
            variant="danger"
            busy={busy === events.back}
            disabled={summary.returnWhy !== null || busy !== null}
            title={summary.returnWhy ?? EVENT_HELP[events.back]}
            onClick={() => void fire(events.back, 'Returned to the annotator.')}
          >
            {EVENT_LABELS[events.back]}
          </Button>
          <Button
            variant="primary"
            busy={busy === events.approve}
            disabled={summary.approveWhy !== null || busy !== null}
            title={summary.approveWhy ?? EVENT_HELP[events.approve]}
            onClick={() => void fire(events.approve, 'Approved.')}
          >
            {EVENT_LABELS[events.approve]}
          </Button>
        </>
      }
    >
      <div className={css.decide}>
        <ul className={css.counts}>
          {summary.rows.map(([number, word]) => (
            <li key={word}>
              <b>{number}</b> {word}
            </li>
          ))}
        </ul>
        {!boxes && <LeftOver />}
        {!boxes && <Glanced />}
        {!boxes && <SampleNotice vouching={vouching} />}
        {summary.undecided > 0 && (
          <Button size="sm" busy={busy === 'rest'} onClick={() => void rest()}>
            {boxes ? 'Approve the rest that is not flagged' : 'Mark those I looked at good'}
          </Button>
        )}
        {!boxes && (
          <Notice>
            {unseen ? `${count(unseen, 'frame')} left that you did not look at. ` : ''}
            What is good stays approved and locked when the rest goes back. Frames that nobody
            opened can be accepted by a random sample: draw one on the page{' '}
            <a href={`/recordings/${recording.id}/inspect`}>Compare and sample</a>.
          </Notice>
        )}
        {summary.approveWhy !== null && summary.approveWhy !== whySampleWaits(vouching) && (
          <Notice>Cannot be approved yet: {summary.approveWhy}</Notice>
        )}
        {first !== undefined && (
          <Button
            size="sm"
            onClick={() => {
              editor.open(null);
              editor.go(first);
            }}
          >
            Go to the first flagged one left
          </Button>
        )}
        {summary.returnWhy !== null && <Notice>To return it, {summary.returnWhy}</Notice>}
        <NoteField note={note} onChange={setNote} />
        {error !== null && <Notice tone="error">{error} Marks and comments are saved.</Notice>}
      </div>
    </Dialog>
  );
}

/** As the server has them now, whatever was read a moment ago. */
const freshFrames = (recordingId: number): Promise<FrameItem[]> =>
  queryClient.fetchQuery({ ...framesQuery(recordingId), staleTime: 0 });

function jointSummary(
  frames: readonly FrameItem[],
  note: string,
  vouching: Vouching | undefined,
): Summary {
  const good = frames.filter((item) => item.mark === 'good').length;
  const revise = frames.filter((item) => item.mark === 'revise').length;
  const comments = frames.reduce((sum, item) => sum + item.comments, 0);
  const unmarked = frames.length - good - revise;
  const undecided = Math.min(unmarked, vouching?.open ?? unmarked);
  const vouched = unmarked - undecided;
  return {
    rows: [
      [good, 'good'],
      [revise, 'to revise'],
      ...(vouched > 0 ? [[vouched, 'good by an earlier round or a sample'] as const] : []),
      [undecided, 'not inspected'],
      [comments, comments === 1 ? 'open comment' : 'open comments'],
    ],
    undecided,
    returnWhy:
      revise + comments > 0 || note.trim()
        ? null
        : 'mark a frame to revise, comment on one, or write a note.',
    approveWhy:
      revise > 0
        ? `${count(revise, 'frame')} marked to revise.`
        : undecided > 0
          ? `${count(undecided, 'frame')} ${undecided === 1 ? 'is' : 'are'} not inspected.`
          : whySampleWaits(vouching),
  };
}

function boxSummary(frames: readonly FrameItem[], note: string): Summary {
  const boxes = frames.flatMap((item) => (item.box === null ? [] : [item.box]));
  const kept = frames.filter((item) => item.state === 'accepted' || item.state === 'corrected');
  const missing = kept.filter((item) => item.box === null).length;
  const approved = boxes.filter((box) => box.status === 'approved').length;
  const back = boxes.filter((box) => box.status === 'sent_back').length;
  const stale = boxes.filter((box) => box.stale).length;
  const open = frames.filter(awaitsDecision).length;
  const problems = [
    ...(missing > 0 ? [`${count(missing, 'kept frame')} without a box`] : []),
    ...(stale > 0 ? [`${count(stale, 'box', 'boxes')} older than the joints`] : []),
    ...(back > 0 ? [`${count(back, 'box', 'boxes')} sent back`] : []),
    ...(open > 0 ? [`${count(open, 'flagged box', 'flagged boxes')} not decided`] : []),
  ];
  return {
    rows: [
      [approved, 'approved'],
      [back, 'sent back'],
      [boxes.length - approved - back, 'not decided'],
      ...(missing > 0 ? [[missing, 'no box yet'] as const] : []),
      [boxes.filter((box) => box.flagged).length, 'flagged'],
    ],
    undecided: boxes.length - approved - back,
    returnWhy: back > 0 || note.trim() ? null : 'send a box back, or write a note.',
    approveWhy: problems.length > 0 ? `${problems.join(', ')}.` : null,
    first: orderOf(frames, 'all', 'boxes').find((i) => frames[i] && awaitsDecision(frames[i])),
  };
}
