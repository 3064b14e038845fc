import { useState } from 'react';
import { DISCARD_REASONS, type DiscardReason } from '@/domain.gen';
import { REASON_LABELS } from '@/lib/words';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { Input } from '@/ui/Field';
import { Kbd } from '@/ui/Kbd';
import { discard } from '../actions/edits';
import { useEditor } from '../store/context';
import css from './dialogs.module.css';

/** Why the frame is left out: one number key, or a few words. */
export function DiscardDialog() {
  const editor = useEditor();
  const [writing, setWriting] = useState(false);
  const [text, setText] = useState('');
  const now = editor.state.document?.decision.reason ?? null;

  const choose = (reason: DiscardReason): void => {
    if (reason === 'other') {
      setWriting(true);
      return;
    }
    editor.open(null);
    discard(editor, reason, null);
  };

  return (
    <Dialog
      open
      onOpenChange={() => editor.open(null)}
      title="Discard this frame"
      description="It stays in the dataset’s counts, and can be taken back."
      width={360}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: number keys for the buttons inside */}
      <div
        onKeyDown={(event) => {
          const reason = DISCARD_REASONS[Number(event.key) - 1];
          if (!writing && reason !== undefined) {
            event.preventDefault();
            choose(reason);
          }
        }}
      >
        <ul className={css.reasons}>
          {DISCARD_REASONS.map((reason, i) => (
            <li key={reason}>
              <button type="button" aria-pressed={reason === now} onClick={() => choose(reason)}>
                <Kbd>{i + 1}</Kbd>
                {REASON_LABELS[reason]}
              </button>
            </li>
          ))}
        </ul>
        {writing && (
          <form
            className={css.other}
            onSubmit={(event) => {
              event.preventDefault();
              if (!text.trim()) return;
              editor.open(null);
              discard(editor, 'other', text.trim());
            }}
          >
            <Input
              autoFocus
              aria-label="Why the frame is discarded"
              placeholder="Why? A few words"
              maxLength={300}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <Button type="submit" variant="primary" disabled={!text.trim()}>
              Discard
            </Button>
          </form>
        )}
      </div>
    </Dialog>
  );
}
