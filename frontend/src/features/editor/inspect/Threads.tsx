import { CheckCircle2, Circle } from 'lucide-react';
import type { Comment, FrameItem, Person } from '@/shared/api/types';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { formatRelative } from '@/shared/lib/format';
import { Badge, Button, cx } from '@/shared/ui';
import { Mentioned } from '../comments/Mentions';
import { NewRemark } from '../comments/NewRemark';
import { Replies } from '../comments/Replies';
import { isAbout } from '../comments/range';
import css from './threads.module.css';
import type { Words } from './useWords';
import { REASON_WORDS } from './words';

interface ThreadsProps {
  frame: FrameItem;
  frames: readonly FrameItem[];
  comments: readonly Comment[];
  people: readonly Person[];
  joint: number | null;
  words: Words;
  mayWrite: boolean;
}

export function Threads(props: ThreadsProps) {
  const { frame, frames, comments, people, words, mayWrite } = props;
  const byId = new Map(frames.map((item) => [item.id, item]));
  const found = comments.filter((comment) => isAbout(comment, frame, byId));
  const waiting = words.waiting.filter(({ word }) => word.frameId === frame.id);
  const unsent = waiting.filter(({ word }) => word.kind === 'remark' || word.kind === 'reply');
  return (
    <section className={css.threads} aria-label="Comments on this frame">
      {found.length + unsent.length === 0 && !mayWrite ? (
        <p className={css.quiet}>Nobody commented on this frame.</p>
      ) : null}
      <ol>
        {found.map((comment) => (
          <Thread
            key={comment.id}
            comment={comment}
            until={byId.get(comment.until_frame_id ?? -1)}
            begins={byId.get(comment.frame_id)}
            people={people}
            words={words}
            mayWrite={mayWrite}
          />
        ))}
        {unsent.map(({ word, operationId, refused }) => (
          <li key={operationId} className={css.thread}>
            <p className={css.quiet}>
              {refused === null ? 'On its way, kept on this computer' : `Refused: ${refused}`}
              {refused === null ? null : (
                <Button size="sm" variant="ghost" onClick={() => words.abandon(operationId)}>
                  Discard
                </Button>
              )}
            </p>
            <p>{'body' in word ? word.body : ''}</p>
          </li>
        ))}
      </ol>
      {mayWrite ? <NewComment {...props} /> : null}
    </section>
  );
}

function Thread({
  comment,
  begins,
  until,
  people,
  words,
  mayWrite,
}: {
  comment: Comment;
  begins: FrameItem | undefined;
  until: FrameItem | undefined;
  people: readonly Person[];
  words: Words;
  mayWrite: boolean;
}) {
  const resolved = comment.resolved_at !== null;
  const about = { frameId: comment.frame_id, commentId: comment.id };
  return (
    <li className={cx(css.thread, resolved && css.resolved)}>
      <header>
        <strong>{comment.author.name}</strong>
        <time dateTime={comment.created_at}>{formatRelative(comment.created_at)}</time>
        <span>round {comment.round}</span>
        {comment.joint !== null ? (
          <Badge tone="outline">{JOINT_LABELS[comment.joint]}</Badge>
        ) : null}
        {until && begins ? (
          <Badge tone="outline">
            frames {begins.position + 1} to {until.position + 1}
          </Badge>
        ) : null}
        {comment.reason ? <Badge tone="warn">{REASON_WORDS[comment.reason]}</Badge> : null}
        {resolved ? (
          <Badge tone="ok">
            resolved{comment.resolved_by ? ` by ${comment.resolved_by.name}` : ''}
          </Badge>
        ) : null}
      </header>
      {comment.reason && comment.body === REASON_WORDS[comment.reason] ? null : (
        <p>{comment.body}</p>
      )}
      <Mentioned people={comment.mentions} />
      <Replies
        comment={comment}
        mayWrite={mayWrite}
        people={people}
        onReply={(body, mentions) => words.say({ kind: 'reply', ...about, mentions, body })}
      >
        <Button
          size="sm"
          variant="ghost"
          icon={resolved ? <CheckCircle2 size={13} /> : <Circle size={13} />}
          onClick={() => words.say({ kind: 'resolve', ...about, resolved: !resolved })}
        >
          {resolved ? 'Open again' : 'Resolve'}
        </Button>
      </Replies>
    </li>
  );
}

function NewComment({ frame, frames, people, joint, words }: ThreadsProps) {
  return (
    <NewRemark
      id="inspect-comment"
      frame={frame}
      frames={frames}
      joint={joint}
      people={people}
      draft={`inspect-${frame.id}`}
      onSend={(written) => words.say({ kind: 'remark', joint, reason: null, ...written })}
    />
  );
}
