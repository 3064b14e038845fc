import { useEffect, useRef, useState } from 'react';
import { DISCARD_REASONS, type DiscardReason, MAX_REASON_LENGTH } from '@/shared/domain/rules.gen';
import { REASON_LABELS } from '@/shared/domain/words';
import { Button } from '@/shared/ui/Button';
import { Input } from '@/shared/ui/Field';
import { Kbd } from '@/shared/ui/Kbd';
import { discard } from '../actions/edits';
import { namesOf } from '../actions/keys';
import { useKeymap, useKeyNames } from '../personal/useKeys';
import { useEditor } from '../store/context';
import css from './dialogs.module.css';

/** Why the frame is left out: one number key, or a few words. */
export function DiscardPopover() {
  const editor = useEditor();
  const clear = useKeyNames()('undecide');
  return (
    <ReasonPopover
      label="Discard this frame"
      title="Reason for discarding"
      now={editor.state.document?.decision.reason ?? null}
      opener="discard"
      onReason={(reason, text) => discard(editor, reason, text)}
    >
      <p>The frame stays in the counts{clear && `, and ${clear} clears the verdict`}.</p>
    </ReasonPopover>
  );
}

interface ReasonProps {
  label: string;
  title: string;
  now: DiscardReason | null;
  /** The action that opened it: its keys close it, too. */
  opener: string;
  onReason: (reason: DiscardReason, text: string | null) => void;
  /** Keys of its own; true where it was one. */
  onKey?: (key: string) => boolean;
  children: React.ReactNode;
}

/**
 * The reasons, a number key each. It stands beside the image instead of over it, because one looks
 * at the image to say why.
 */
export function ReasonPopover({
  label,
  title,
  now,
  opener,
  onReason,
  onKey,
  children,
}: ReasonProps) {
  const editor = useEditor();
  const [writing, setWriting] = useState(false);
  const [text, setText] = useState('');
  const keymap = useKeymap();
  const panel = useRef<HTMLDivElement>(null);

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
    onReason(reason, null);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const reason = DISCARD_REASONS[Number(event.key) - 1];
    const opened = namesOf(event.nativeEvent).some((name) => keymap.keysOf(opener).includes(name));
    if (event.key === 'Escape' || (opened && !writing)) {
      event.preventDefault();
      editor.open(null);
    } else if (!writing && reason !== undefined) {
      event.preventDefault();
      choose(reason);
    } else if (!writing && onKey?.(event.key)) {
      event.preventDefault();
    }
  };

  return (
    <div
      ref={panel}
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      className={css.popover}
      onKeyDown={onKeyDown}
    >
      <h3>{title}</h3>
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
            onReason('other', text.trim());
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
      {children}
    </div>
  );
}
