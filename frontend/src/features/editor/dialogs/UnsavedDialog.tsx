import { count } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Dialog } from '@/shared/ui/Dialog';
import { useEditor, useEditorParts } from '../store/context';
import css from './dialogs.module.css';

/** What waits on this computer, why, and what can be done. */
export function UnsavedDialog() {
  const editor = useEditor();
  const { save, frames } = useEditorParts((s) => ({ save: s.save, frames: s.frames }));
  const pending = editor.queue.pending();
  const names = [...new Set(pending.map((batch) => batch.frameId))].map((id) => {
    const item = frames.find((candidate) => candidate.id === id);
    return item === undefined ? 'a frame of another recording' : `frame ${item.position + 1}`;
  });
  const refused = save.kind === 'refused';
  const why = {
    saved: 'Everything is saved.',
    saving: 'The changes are being sent.',
    offline: 'The server cannot be reached. It is tried again automatically.',
    'signed-out': 'You are logged out. Log in again in another tab; then the changes are sent.',
    conflict: 'Somebody else changed the same joints. Open the frame and choose.',
    refused: refused ? `The server refused them: ${save.message}` : '',
  }[save.kind];

  const download = (): void => {
    const blob = new Blob([JSON.stringify(pending, null, 2)], { type: 'application/json' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = 'unsaved-changes.json';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const giveUp = (): void => {
    if (!refused) return;
    for (const frameId of save.frames) editor.queue.abandon(frameId);
    editor.open(null);
    editor.walk.reload();
  };

  return (
    <Dialog
      open
      onOpenChange={() => editor.open(null)}
      title={`${count(pending.length, 'change')} not saved yet`}
      description={why}
      footer={
        <>
          <Button variant="ghost" onClick={download} disabled={pending.length === 0}>
            Download them
          </Button>
          {refused && (
            <Button variant="danger" onClick={giveUp}>
              Discard them
            </Button>
          )}
          <Button variant="primary" onClick={() => editor.queue.retry()}>
            Try again now
          </Button>
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
