import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useStore } from 'zustand';
import { ApiProblem, errorMessage } from '@/shared/api/problem';
import { inspectionFactsQuery } from '@/shared/api/queries/inspecting';
import { EVENT_HELP, EVENT_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Dialog } from '@/shared/ui/Dialog';
import { Notice } from '@/shared/ui/States';
import { ownFrames } from '../parts/part';
import { useEditor, useEditorParts } from '../store/context';
import css from './dialogs.module.css';
import { LeftOver } from './LeftOver';
import { submission, withInferred } from './submission';

/** Hand the recording on to the inspector. */
export function SubmitDialog() {
  const editor = useEditor();
  const { recording, frames, part, save } = useEditorParts((s) => ({
    recording: s.recording,
    frames: s.frames,
    part: s.part,
    save: s.save,
  }));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { event, missing, reason } = submission(recording, frames, part);
  const unsaved = save.kind === 'saved' ? null : 'Wait until everything is saved.';
  // What was changed last is still compared with its surroundings: the list above may become longer.
  const unread = useStore(editor.suspicions.api, (state) => state.unread);
  const [unwilling, setUnwilling] = useState(false);
  const waits = unread > 0 && !unwilling;
  const { data: facts } = useQuery({ ...inspectionFactsQuery(recording.id), staleTime: 0 });
  const counts = { accepted: 0, corrected: 0, discarded: 0, undecided: 0 };
  const own = ownFrames(frames, part);
  for (const item of own) counts[item.state] += 1;
  const inferred = facts === undefined ? 0 : withInferred(own, facts);

  const submit = async (): Promise<void> => {
    setBusy(true);
    try {
      await editor.suspicions.drained();
      if (part === null) await editor.reviews.fireEvent(event);
      else await editor.reviews.submitPart(part.id);
      editor.open(null);
      editor.notify(
        part === null
          ? 'Submitted. An inspector takes over from here.'
          : `Part ${part.number} is submitted. An inspector takes over when all parts are in.`,
      );
    } catch (problem) {
      setError(errorMessage(problem));
      setBusy(false);
      const first = problem instanceof ApiProblem ? firstOf(problem) : undefined;
      const index = frames.findIndex((item) => item.id === first);
      if (index >= 0) editor.go(index);
    }
  };
  const first = missing[0];

  return (
    <Dialog
      open
      onOpenChange={() => editor.open(null)}
      title={part === null ? EVENT_LABELS[event] : `Submit part ${part.number} of ${part.of}`}
      description={
        part === null
          ? EVENT_HELP[event]
          : 'It goes to inspection when all parts are in. Until it comes back you cannot change it.'
      }
      footer={
        <>
          {first !== undefined && (
            <Button
              onClick={() => {
                editor.open(null);
                editor.go(first);
              }}
            >
              Go to the first one left
            </Button>
          )}
          <Button
            variant="primary"
            autoFocus
            busy={busy}
            disabled={reason !== null || unsaved !== null || waits}
            onClick={() => void submit()}
          >
            Submit
          </Button>
        </>
      }
    >
      <ul className={css.counts}>
        <li>
          <b>{counts.accepted}</b> accepted
        </li>
        <li>
          <b>{counts.corrected}</b> corrected
        </li>
        {inferred > 0 && (
          <li title="Joints that were inferred from your corrections, and that you accepted so">
            <b>{inferred}</b> of the accepted and corrected with inferred joints
          </li>
        )}
        <li>
          <b>{counts.discarded}</b> discarded
        </li>
        <li>
          <b>{counts.undecided}</b> undecided
        </li>
      </ul>
      <LeftOver />
      {reason !== null && <Notice tone="warn">{reason}</Notice>}
      {reason === null && unsaved !== null && <Notice tone="warn">{unsaved}</Notice>}
      {reason === null && unsaved === null && waits && (
        <Notice tone="warn">
          {count(unread, 'change')} still being looked at for doubts: it takes a few seconds.{' '}
          <Button size="sm" onClick={() => setUnwilling(true)}>
            Do not wait for it
          </Button>
        </Notice>
      )}
      {reason === null && openComments(frames) > 0 && (
        <Notice>{count(openComments(frames), 'comment')} not marked as done.</Notice>
      )}
      {error !== null && (
        <Notice tone="error">Not submitted: {error} Your work on the frames is saved.</Notice>
      )}
    </Dialog>
  );
}

const openComments = (frames: readonly { comments: number }[]): number =>
  frames.reduce((sum, item) => sum + item.comments, 0);

function firstOf(problem: ApiProblem): number | undefined {
  const lists = [problem.body.undecided, problem.body.unaddressed];
  return lists.flatMap((list) => (Array.isArray(list) ? (list as number[]) : []))[0];
}
