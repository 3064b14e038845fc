import { CornerDownRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Comment, Person } from '@/shared/api/types';
import { formatRelative } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { Composer } from './Composer';
import css from './comments.module.css';
import { Mentioned } from './Mentions';

/** The answers to a comment, and where to write one. */
export function Replies({
  comment,
  mayWrite,
  people,
  onReply,
  children,
}: {
  comment: Comment;
  mayWrite: boolean;
  /** Who can be mentioned. */
  people?: readonly Person[];
  onReply: (body: string, mentions: readonly number[]) => void;
  /** What else can be done with the comment, beside the button to reply. */
  children?: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  return (
    <div className={css.replies}>
      {(comment.replies ?? []).map((reply) => (
        <div key={reply.id} className={css.reply}>
          <CornerDownRight size={12} aria-hidden />
          <div>
            <strong>{reply.author.name}</strong> {reply.body}{' '}
            <time dateTime={reply.created_at}>{formatRelative(reply.created_at)}</time>
            <Mentioned people={reply.mentions} />
          </div>
        </div>
      ))}
      {open ? (
        <Composer
          short
          autoFocus
          label={`Reply to ${comment.author.name}`}
          send="Reply"
          {...(people ? { people } : {})}
          onSend={(body, mentions) => {
            onReply(body, mentions);
            setOpen(false);
          }}
          onCancel={() => setOpen(false)}
        />
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
