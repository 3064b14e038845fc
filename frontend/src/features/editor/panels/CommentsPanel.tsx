import { CheckCircle2, Circle, MessageSquarePlus, Trash2 } from 'lucide-react';
import { useEffect } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { Comment } from '@/shared/api/types';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { formatRelative } from '@/shared/lib/format';
import { IconButton } from '@/shared/ui/Button';
import { cx } from '@/shared/ui/cx';
import { Mentioned } from '../comments/Mentions';
import { NewRemark, remarkLabel } from '../comments/NewRemark';
import { Replies } from '../comments/Replies';
import { authorsOf, peopleOf } from '../comments/remark';
import { useKeyNames } from '../personal/useKeys';
import { endsOf } from '../ranges/marks';
import { useRanges } from '../ranges/useRanges';
import { useEditor, useEditorParts, useEditorPartsSoon } from '../store/context';
import type { WaitingComment } from '../sync/comments';
import css from './comments.module.css';
import { Panel } from './Panel';
import panels from './panels.module.css';

const NO_COMMENTS: readonly Comment[] = [];

/** What people said about this frame and its joints. */
export function CommentsPanel() {
  const editor = useEditor();
  const { frameId, letters, comments, mayWrite } = useEditorPartsSoon((s) => ({
    frameId: s.frame?.doc.id ?? null,
    letters: s.letters,
    comments: s.frame?.doc.comments ?? NO_COMMENTS,
    mayWrite: s.recording.can.comment,
  }));
  // At once: whoever asks for it types the next moment.
  const { composing } = useEditorParts((s) => ({ composing: s.composing }));
  const key = useKeyNames()('comment');
  const waiting = letters.filter(
    ({ frameId: of, settles, refused }) =>
      of === frameId && (settles === undefined || refused !== null),
  );
  if (!mayWrite && comments.length === 0 && waiting.length === 0) return null;
  const sorted = [...comments].sort(
    (a, b) => Number(a.resolved_at !== null) - Number(b.resolved_at !== null) || a.id - b.id,
  );
  return (
    <Panel
      title="Comments"
      aside={
        mayWrite && (
          <IconButton
            label="Comment"
            shortcut={key}
            size="sm"
            onClick={() => editor.set({ composing: { joint: editor.state.selected } })}
          >
            <MessageSquarePlus size={15} />
          </IconButton>
        )
      }
    >
      {composing !== null && <NewComment joint={composing.joint} />}
      <ul className={css.comments}>
        {sorted.map((comment) => (
          <CommentView key={comment.id} comment={comment} mayWrite={mayWrite} />
        ))}
        {waiting.map((letter) => (
          <LetterView key={letter.operationId} letter={letter} />
        ))}
      </ul>
      {comments.length === 0 && waiting.length === 0 && composing === null && (
        <p className={panels.quiet}>
          No comments yet. {key && `Press ${key} to comment`}
          {key && ' on the selected joint or the frame.'}
        </p>
      )}
    </Panel>
  );
}

function NewComment({ joint }: { joint: number | null }) {
  const editor = useEditor();
  const { frame, frames, selected, recording } = useEditorParts((s) => ({
    frame: s.frame?.doc ?? null,
    frames: s.frames,
    selected: s.selected,
    recording: s.recording,
  }));
  const marks = useRanges((s) => s.marks);
  // Another joint may be picked while the composer is open.
  useEffect(() => {
    if (selected !== null && selected !== joint) editor.set({ composing: { joint: selected } });
  }, [editor, selected, joint]);
  const close = (): void => editor.set({ composing: null });
  const item = frames.find(({ id }) => id === frame?.id);
  if (frame === null || item === undefined) return null;
  return (
    <div className={css.composer}>
      <p aria-hidden>{remarkLabel(joint)}</p>
      <NewRemark
        autoFocus
        frame={item}
        frames={frames}
        joint={joint}
        people={peopleOf(recording, authorsOf(frame.comments), editor.state.me.id)}
        marked={endsOf(marks, frames)}
        placeholder="What should change?"
        draft={`${item.id}-${joint}`}
        onSend={(written) => {
          void editor.reviews.addComment(written, joint);
          close();
        }}
        onCancel={close}
      />
    </div>
  );
}

/** A comment that the server does not have yet. */
function LetterView({ letter }: { letter: WaitingComment }) {
  const { comments, queue } = useEditor();
  const { operationId, joint, body, refused } = letter;
  return (
    <li className={css.comment}>
      <header>
        <strong>{refused === null ? 'not sent yet' : 'refused'}</strong>
        {queue.fault === null ? 'kept on this computer' : 'only in this tab'}
        {refused !== null && (
          <button
            type="button"
            aria-label="Discard this comment"
            title="Discard"
            onClick={() => comments.abandon(operationId)}
          >
            <Trash2 size={13} />
          </button>
        )}
      </header>
      <p>
        {joint !== null && <span className={css.jointLink}>{JOINT_LABELS[joint]}</span>}
        {body}
      </p>
      {refused !== null && (
        <p role="alert" className={panels.error}>
          {refused}
        </p>
      )}
    </li>
  );
}

function CommentView({ comment, mayWrite }: { comment: Comment; mayWrite: boolean }) {
  const editor = useEditor();
  const me = editor.state.me.id;
  const { said } = useEditorParts((s) => ({
    said: s.letters.findLast(
      ({ settles, refused }) => settles?.id === comment.id && refused === null,
    )?.settles,
  }));
  const resolved = said?.resolved ?? comment.resolved_at !== null;
  // A remark on several frames stands at each of them and says which they are.
  const [begins, until] = [comment.frame_id, comment.until_frame_id].map((end) =>
    editor.state.frames.find(({ id }) => id === end),
  );
  const run = (work: Promise<void>, failed: string): void => {
    work.catch((error: unknown) => editor.notify(`${failed}: ${errorMessage(error)}`, 'warn'));
  };
  return (
    <li className={cx(css.comment, resolved && css.resolved)}>
      <header>
        <strong>{comment.author.name}</strong>
        <time dateTime={comment.created_at}>{formatRelative(comment.created_at)}</time>
        <span>round {comment.round}</span>
        {mayWrite && comment.author.id === me && !resolved && (
          <button
            type="button"
            aria-label="Delete this comment"
            title="Delete"
            onClick={() =>
              run(editor.reviews.deleteComment(comment), 'The comment was not deleted')
            }
          >
            <Trash2 size={13} />
          </button>
        )}
      </header>
      <p>
        {comment.joint !== null && (
          <button
            type="button"
            className={css.jointLink}
            onClick={() => editor.select(comment.joint)}
          >
            {JOINT_LABELS[comment.joint]}
          </button>
        )}
        {begins !== undefined && until !== undefined && (
          <span className={css.jointLink}>
            frames {begins.position + 1} to {until.position + 1}
          </span>
        )}
        {comment.body}
      </p>
      <Mentioned people={comment.mentions} />
      <Replies
        comment={comment}
        mayWrite={mayWrite}
        people={peopleOf(editor.state.recording, authorsOf([comment]), me)}
        onReply={(body, mentions) => void editor.reviews.reply(comment, body, mentions)}
      >
        <button
          type="button"
          className={css.resolve}
          aria-pressed={resolved}
          onClick={() => void editor.reviews.setResolved(comment, !resolved)}
        >
          {resolved ? <CheckCircle2 size={14} /> : <Circle size={14} />}
          {resolved
            ? `done${comment.resolved_by ? ` by ${comment.resolved_by.name}` : ''}`
            : 'mark as done'}
        </button>
      </Replies>
    </li>
  );
}
