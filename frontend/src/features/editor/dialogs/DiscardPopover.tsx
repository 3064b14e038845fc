import { useEffect, useRef, useState } from 'react';
import { DISCARD_REASONS, type DiscardReason, MAX_REASON_LENGTH } from '@/shared/domain/rules.gen';
import { REASON_LABELS } from '@/shared/domain/words';
import { Button } from '@/shared/ui/Button';
import { Input } from '@/shared/ui/Field';
import { Kbd } from '@/shared/ui/Kbd';
import { discard } from '../actions/edits';
import { useEditor } from '../store/context';
import css from './dialogs.module.css';

/**
 * Why the frame is left out: one number key, or a few words.
 *
 * It stands beside the image instead of over it, because one looks at the image to say why.
 */
export function DiscardPopover() {
  const editor = useEditor();
  const [writing, setWriting] = useState(false);
  const [text, setText] = useState('');
  const panel = useRef<HTMLDivElement>(null);
  const now = editor.state.document?.decision.reason ?? null;

  useEffect(() => {
    panel.current?.focus();
    const onPointer = (event: PointerEvent): void => {
      if (!panel.current?.contains(event.target as Node)) editor.open(null);
    };
    window.addEventListener('pointerdown', onPointer);
    return () => window.removeEventListener('pointerdown', onPointer);
  }, [editor]);

  const choose = (reason: DiscardReason): void => {
    if (reason === 'other') {
      setWriting(true);
      return;
    }
    editor.open(null);
    discard(editor, reason, null);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const reason = DISCARD_REASONS[Number(event.key) - 1];
    if (event.key === 'Escape' || (event.key.toLowerCase() === 'x' && !writing)) {
      event.preventDefault();
      editor.open(null);
    } else if (!writing && reason !== undefined) {
      event.preventDefault();
      choose(reason);
    }
  };

  return (
    <div
      ref={panel}
      role="dialog"
      aria-label="Discard this frame"
      tabIndex={-1}
      className={css.popover}
      onKeyDown={onKeyDown}
    >
      <h3>Reason for discarding</h3>
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
            placeholder="A few words"
            maxLength={MAX_REASON_LENGTH}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Button type="submit" variant="primary" disabled={!text.trim()}>
            Discard
          </Button>
        </form>
      )}
      <p>The frame stays in the counts, and U clears the verdict.</p>
    </div>
  );
}
