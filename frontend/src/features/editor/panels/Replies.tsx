import { CornerDownRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Comment } from '@/shared/api/types';
import { MAX_NOTE_LENGTH } from '@/shared/domain/rules.gen';
import { formatRelative } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Input } from '@/shared/ui/Field';
import { useEditor } from '../store/context';
import css from './replies.module.css';

/** The answers to a comment, and where to write one. */
export function Replies({
  comment,
  mayWrite,
  children,
}: {
  comment: Comment;
  mayWrite: boolean;
  /** What else can be done with the comment, beside the button to reply. */
  children?: ReactNode;
}) {
  const editor = useEditor();
  const [open, setOpen] = useState(false);
  const [body, setBody] = useState('');
  const send = (): void => {
    if (!body.trim()) return;
    void editor.reviews.reply(comment, body.trim());
    setBody('');
    setOpen(false);
  };
  return (
    <div className={css.replies}>
      {(comment.replies ?? []).map((reply) => (
        <p key={reply.id}>
          <CornerDownRight size={12} aria-hidden />
          <span>
            <strong>{reply.author.name}</strong> {reply.body}{' '}
            <time dateTime={reply.created_at}>{formatRelative(reply.created_at)}</time>
          </span>
        </p>
      ))}
      {open ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <Input
            autoFocus
            aria-label={`Reply to ${comment.author.name}`}
            maxLength={MAX_NOTE_LENGTH}
            value={body}
            onChange={(event) => setBody(event.target.value)}
            onKeyDown={(event) => {
              event.stopPropagation();
              if (event.key === 'Escape') setOpen(false);
            }}
          />
          <Button size="sm" variant="primary" type="submit" disabled={!body.trim()}>
            Reply
          </Button>
        </form>
      ) : null}
      {mayWrite ? (
        <div className={css.acts}>
          {children}
          {open ? null : (
            <Button size="sm" variant="ghost" onClick={() => setOpen(true)}>
              Reply
            </Button>
          )}
        </div>
      ) : null}
    </div>
  );
}
