import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, MessageSquare } from 'lucide-react';
import { recordingCommentsQuery } from '@/shared/api/queries/recordings';
import type { Comment, FrameItem, RecordingDetail } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { formatDateTime, formatRelative } from '@/shared/lib/format';
import { Avatar, Badge, EmptyState, ErrorState, SkeletonRows } from '@/shared/ui';
import css from './lists.module.css';

function CommentItem({
  comment,
  frame,
  until,
  recordingId,
}: {
  comment: Comment;
  frame: FrameItem | undefined;
  /** The last frame, where it is about several. */
  until: FrameItem | undefined;
  recordingId: number;
}) {
  const joint = comment.joint === null ? null : JOINT_LABELS[comment.joint];
  return (
    <li className={css.item}>
      <div className={css.head}>
        <Avatar name={comment.author.name} size={20} />
        <strong>{comment.author.name}</strong>
        <span className={css.quiet}>
          <time dateTime={comment.created_at} title={formatDateTime(comment.created_at)}>
            {formatRelative(comment.created_at)}
          </time>
          , round {comment.round}
        </span>
        {joint ? <Badge tone="outline">{joint}</Badge> : null}
        {comment.resolved_at ? (
          <Badge tone="ok" icon={<CircleCheck size={12} aria-hidden />}>
            Resolved
          </Badge>
        ) : null}
        {frame ? (
          <Link
            to="/recordings/$recordingId/frames/$frame"
            params={{ recordingId: String(recordingId), frame: frameParam(frame.position) }}
            className={css.link}
          >
            {until
              ? `Frames ${frame.position + 1} to ${until.position + 1}`
              : `Frame ${frame.position + 1}`}
          </Link>
        ) : null}
      </div>
      <p className={css.body}>{comment.body}</p>
      {comment.replies.map((reply) => (
        <p key={reply.id} className={css.quiet}>
          <strong>{reply.author.name}</strong>: {reply.body}
        </p>
      ))}
    </li>
  );
}

/** All comments of a recording, open ones first. */
export function Comments({
  recording,
  frames,
}: {
  recording: RecordingDetail;
  frames: readonly FrameItem[];
}) {
  const { data, error, refetch } = useQuery(recordingCommentsQuery(recording.id));
  if (error && !data) {
    return (
      <ErrorState
        title="The comments could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <SkeletonRows rows={4} />;
  if (!data.length) {
    return (
      <EmptyState icon={<MessageSquare size={20} />} title="No comments">
        The inspector comments on frames and joints in the editor. They are all listed here.
      </EmptyState>
    );
  }
  const byId = new Map(frames.map((f) => [f.id, f]));
  const sorted = [...data].sort(
    (a, b) => Number(a.resolved_at !== null) - Number(b.resolved_at !== null) || b.id - a.id,
  );
  return (
    <ol className={css.list}>
      {sorted.map((comment) => (
        <CommentItem
          key={comment.id}
          comment={comment}
          frame={byId.get(comment.frame_id)}
          until={byId.get(comment.until_frame_id ?? -1)}
          recordingId={recording.id}
        />
      ))}
    </ol>
  );
}
