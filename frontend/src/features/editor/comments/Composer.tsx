import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Person } from '@/shared/api/types';
import { MAX_NOTE_LENGTH } from '@/shared/domain/rules.gen';
import { Button } from '@/shared/ui/Button';
import { Input, Textarea } from '@/shared/ui/Field';
import css from './comments.module.css';
import { Mentioning } from './Mentions';

interface ComposerProps {
  /** What the field is about, such as “Comment on the left elbow”. */
  label: string;
  send: string;
  /** Who can be mentioned. */
  people?: readonly Person[];
  onSend: (body: string, mentions: readonly number[]) => void;
  onCancel?: (() => void) | undefined;
  /** What was typed is kept under this name until it is sent, also where the field goes away. */
  draft?: string;
  /** One line alone, for an answer. */
  short?: boolean;
  id?: string;
  autoFocus?: boolean;
  placeholder?: string;
  /** Further choices, before the buttons. */
  children?: ReactNode;
}

const drafts = new Map<string, string>();

/** Where a comment or an answer is written. Enter sends it, with Shift it begins a line. */
export function Composer(props: ComposerProps) {
  const { label, send, people = [], onSend, onCancel, draft, short, autoFocus = false } = props;
  const [body, setBody] = useState(draft === undefined ? '' : (drafts.get(draft) ?? ''));
  const [mentions, setMentions] = useState<readonly number[]>([]);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (autoFocus) form.current?.querySelector<HTMLElement>('input, textarea')?.focus();
  }, [autoFocus]);
  const change = (text: string): void => {
    setBody(text);
    if (draft !== undefined) drafts.set(draft, text);
  };
  const submit = (): void => {
    if (!body.trim()) return;
    onSend(body.trim(), mentions);
    change('');
    setMentions([]);
  };
  const field = {
    id: props.id,
    'aria-label': label,
    placeholder: props.placeholder ?? label,
    maxLength: MAX_NOTE_LENGTH,
    value: body,
    onChange: (event: { target: { value: string } }) => change(event.target.value),
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>): void => {
    event.stopPropagation();
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
      // The next key means the frame again, not one more comment.
      if (body.trim()) event.currentTarget.blur();
    }
    if (event.key === 'Escape') {
      if (onCancel) onCancel();
      else event.currentTarget.blur();
    }
  };
  return (
    <form
      ref={form}
      className={css.composer}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {short ? (
        <Input {...field} onKeyDown={onKeyDown} />
      ) : (
        <Textarea {...field} rows={2} onKeyDown={onKeyDown} />
      )}
      <div className={css.row}>
        {props.children}
        <Mentioning people={people} chosen={mentions} onChange={setMentions} />
        <span className={css.buttons}>
          {onCancel ? (
            <Button size="sm" variant="ghost" onClick={onCancel}>
              Cancel
            </Button>
          ) : null}
          <Button size="sm" variant="primary" type="submit" disabled={!body.trim()}>
            {send}
          </Button>
        </span>
      </div>
    </form>
  );
}
