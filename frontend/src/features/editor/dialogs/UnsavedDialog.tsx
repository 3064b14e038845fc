import { keys } from '@/shared/api/keys';
import { queryClient } from '@/shared/api/queryClient';
import { Button } from '@/shared/ui/Button';
import { Dialog } from '@/shared/ui/Dialog';
import { useEditor, useEditorParts } from '../store/context';
import { useActs } from '../store/useActs';
import { namedUnsaved, saveShown } from '../sync/saveShown';
import css from './dialogs.module.css';

/** What waits on this computer, why, and what can be done. */
export function UnsavedDialog() {
  const editor = useEditor();
  const { save, letters, frames } = useEditorParts((s) => ({
    save: s.save,
    letters: s.letters,
    frames: s.frames,
  }));
  const acts = useActs();
  const pending = editor.queue.pending();
  const ids = [
    ...[...pending, ...letters, ...acts.waivers].map(({ frameId }) => frameId),
    ...acts.ranges.flatMap((range) => range.frames),
  ];
  const names = [...new Set(ids)].map((id) => {
    const item = frames.find((candidate) => candidate.id === id);
    return item === undefined ? 'a frame of another recording' : `frame ${item.position + 1}`;
  });
  if (acts.postures.length > 0) names.push('postures');
  const refused = save.kind === 'refused';
  const loses = editor.queue.fault !== null;
  const shown = saveShown(save, letters, acts.all);
  const refusedActs = acts.all.some((act) => act.refused !== null);
  const why = {
    saved: 'Everything is saved.',
    saving: 'The changes are being sent.',
    offline: 'The server cannot be reached. It is tried again automatically.',
    'signed-out': loses
      ? 'You are logged out. Log in again in another tab; then the changes are sent.'
      : 'You are logged out. Log in again: you come back to this frame, and the changes are sent.',
    conflict: 'Somebody else changed the same joints. Open the frame and choose.',
    refused: refused ? `The server refused them: ${save.message}` : '',
    'comment-refused': letters.find((letter) => letter.refused !== null)?.refused ?? '',
    'act-refused': shown.kind === 'act-refused' ? `The server refused it: ${shown.message}` : '',
  }[shown.kind];

  const download = (): void => {
    const all = {
      changes: pending,
      comments: letters,
      ranges: acts.ranges,
      postures: acts.postures,
      waivers: acts.waivers,
    };
    const blob = new Blob([JSON.stringify(all, null, 2)], { type: 'application/json' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = 'unsaved-changes.json';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const tryAgain = (): void => {
    editor.queue.retry();
    editor.comments.retry();
    editor.ranges.retry();
    editor.postures.queue.retry();
    editor.suspicions.retry();
  };
  // The layout shows the log-in page, which leads back to this frame.
  const logIn = (): void => {
    void editor.queue.settled().then(() => queryClient.setQueryData(keys.me, null));
  };
  const giveUp = (): void => {
    for (const { operationId, refused: why } of acts.ranges) {
      if (why !== null) editor.ranges.abandon(operationId);
    }
    for (const { operationId, refused: why } of acts.postures) {
      if (why !== null) editor.postures.queue.abandon(operationId);
    }
    for (const { operationId, refused: why } of acts.waivers) {
      if (why !== null) editor.suspicions.abandon(operationId);
    }
    if (!refused) {
      editor.open(null);
      return;
    }
    for (const frameId of save.frames) editor.queue.abandon(frameId);
    editor.open(null);
    editor.walk.reload();
  };

  return (
    <Dialog
      open
      onOpenChange={() => editor.open(null)}
      title={`${namedUnsaved(pending.length + acts.all.length, letters.length)} not saved yet`}
      description={why}
      footer={
        <>
          <Button variant="ghost" onClick={download} disabled={names.length === 0}>
            Download them
          </Button>
          {(refused || refusedActs) && (
            <Button variant="danger" onClick={giveUp}>
              Discard them
            </Button>
          )}
          {shown.kind === 'signed-out' && !loses ? (
            <Button variant="primary" onClick={logIn}>
              Log in again
            </Button>
          ) : (
            <Button variant="primary" onClick={tryAgain}>
              Try again now
            </Button>
          )}
        </>
      }
    >
      <p className={css.text}>
        {editor.queue.fault === null
          ? 'They are kept on this computer, even when the browser is closed: '
          : `They are only in this tab, because the browser stores nothing (${editor.queue.fault}): `}
        {names.slice(0, 12).join(', ')}
        {names.length > 12 ? ` and ${names.length - 12} more` : ''}.
      </p>
    </Dialog>
  );
}
