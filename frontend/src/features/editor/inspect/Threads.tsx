import { AtSign, CheckCircle2, Circle, CornerDownRight } from 'lucide-react';
import { useState } from 'react';
import type { Comment, FrameItem, Person } from '@/shared/api/types';
import { JOINT_LABELS, MAX_NOTE_LENGTH } from '@/shared/domain/rules.gen';
import { formatRelative } from '@/shared/lib/format';
import { Badge, Button, cx, Input, Select, Textarea } from '@/shared/ui';
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

/** The remarks that are about a frame: on it, on its joints, or on a range that holds it. */
function aboutFrame(
  comments: readonly Comment[],
  frame: FrameItem,
  positions: ReadonlyMap<number, FrameItem>,
): Comment[] {
  return comments.filter((comment) => {
    if (comment.frame_id === frame.id) return true;
    const first = positions.get(comment.frame_id);
    const last = positions.get(comment.until_frame_id ?? -1);
    return (
      first !== undefined &&
      last !== undefined &&
      first.camera_id === frame.camera_id &&
      first.position <= frame.position &&
      frame.position <= last.position
    );
  });
}

export function Threads(props: ThreadsProps) {
  const { frame, frames, comments, people, words, mayWrite } = props;
  const byId = new Map(frames.map((item) => [item.id, item]));
  const found = aboutFrame(comments, frame, byId);
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
      {mayWrite ? <Composer {...props} /> : null}
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
  const [answering, setAnswering] = useState(false);
  const [body, setBody] = useState('');
  const [mentions, setMentions] = useState<readonly number[]>([]);
  const resolved = comment.resolved_at !== null;
  const send = (): void => {
    if (!body.trim()) return;
    words.say({
      kind: 'reply',
      frameId: comment.frame_id,
      commentId: comment.id,
      mentions,
      body: body.trim(),
    });
    setBody('');
    setMentions([]);
    setAnswering(false);
  };
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
      </header>
      {comment.reason && comment.body === REASON_WORDS[comment.reason] ? null : (
        <p>{comment.body}</p>
      )}
      <Mentioned people={comment.mentions} />
      {comment.replies.length ? (
        <ol className={css.replies}>
          {comment.replies.map((reply) => (
            <li key={reply.id}>
              <CornerDownRight size={12} aria-hidden />
              <div>
                <header>
                  <strong>{reply.author.name}</strong>
                  <time dateTime={reply.created_at}>{formatRelative(reply.created_at)}</time>
                </header>
                <p>{reply.body}</p>
                <Mentioned people={reply.mentions} />
              </div>
            </li>
          ))}
        </ol>
      ) : null}
      {mayWrite ? (
        <div className={css.acts}>
          <Button size="sm" variant="ghost" onClick={() => setAnswering((open) => !open)}>
            Reply
          </Button>
          <Button
            size="sm"
            variant="ghost"
            icon={resolved ? <CheckCircle2 size={13} /> : <Circle size={13} />}
            onClick={() =>
              words.say({
                kind: 'resolve',
                frameId: comment.frame_id,
                commentId: comment.id,
                resolved: !resolved,
              })
            }
          >
            {resolved ? 'Open again' : 'Resolve'}
          </Button>
        </div>
      ) : null}
      {answering ? (
        <form
          className={css.composer}
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <Input
            autoFocus
            aria-label={`Reply to ${comment.author.name}`}
            value={body}
            maxLength={MAX_NOTE_LENGTH}
            onChange={(event) => setBody(event.target.value)}
          />
          <Mentioning people={people} chosen={mentions} onChange={setMentions} />
          <Button size="sm" variant="primary" type="submit" disabled={!body.trim()}>
            Reply
          </Button>
        </form>
      ) : null}
    </li>
  );
}

function Mentioned({ people }: { people: readonly Person[] }) {
  if (people.length === 0) return null;
  return <p className={css.quiet}>for {people.map(({ name }) => `@${name}`).join(', ')}</p>;
}

/** People who are to see it: pressed ones are mentioned. */
function Mentioning({
  people,
  chosen,
  onChange,
}: {
  people: readonly Person[];
  chosen: readonly number[];
  onChange: (chosen: readonly number[]) => void;
}) {
  if (people.length === 0) return null;
  return (
    <span className={css.mentioning}>
      {people.map(({ id, name }) => {
        const on = chosen.includes(id);
        return (
          <button
            key={id}
            type="button"
            aria-pressed={on}
            title={`${name} finds it under “My work”`}
            onClick={() => onChange(on ? chosen.filter((one) => one !== id) : [...chosen, id])}
          >
            <AtSign size={11} aria-hidden />
            {name}
          </button>
        );
      })}
    </span>
  );
}

function Composer({ frame, frames, people, joint, words }: ThreadsProps) {
  const [body, setBody] = useState('');
  const [mentions, setMentions] = useState<readonly number[]>([]);
  const [until, setUntil] = useState('');
  const later = frames.filter(
    ({ camera_id, position }) => camera_id === frame.camera_id && position > frame.position,
  );
  const send = (): void => {
    if (!body.trim()) return;
    words.say({
      kind: 'remark',
      frameId: frame.id,
      joint,
      untilFrameId: until ? Number(until) : null,
      reason: null,
      mentions,
      body: body.trim(),
    });
    setBody('');
    setMentions([]);
    setUntil('');
  };
  return (
    <form
      className={css.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Textarea
        id="inspect-comment"
        rows={2}
        aria-label="Comment"
        placeholder={
          joint === null ? 'Comment on this frame' : `Comment on the ${JOINT_LABELS[joint]}`
        }
        maxLength={MAX_NOTE_LENGTH}
        value={body}
        onChange={(event) => setBody(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            send();
          }
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <div className={css.composerRow}>
        <Select aria-label="How far" value={until} onChange={(e) => setUntil(e.target.value)}>
          <option value="">this frame</option>
          {later.slice(0, 300).map(({ id, position }) => (
            <option key={id} value={id}>
              up to frame {position + 1}
            </option>
          ))}
        </Select>
        <Mentioning people={people} chosen={mentions} onChange={setMentions} />
        <Button size="sm" type="submit" disabled={!body.trim()}>
          Comment
        </Button>
      </div>
    </form>
  );
}
