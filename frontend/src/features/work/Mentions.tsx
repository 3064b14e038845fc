import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AtSign } from 'lucide-react';
import { mentionsQuery } from '@/shared/api/queries/inspecting';
import type { Comment } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { formatRelative } from '@/shared/lib/format';
import css from './WorkPage.module.css';

/** What was said last, and by whom: the comment, or an answer to it. */
const latest = (comment: Comment) => comment.replies.at(-1) ?? comment;

/** Open threads in which somebody asks for this person. */
export function Mentions() {
  const { data } = useQuery(mentionsQuery);
  if (!data || data.length === 0) return null;
  return (
    <section className={css.mentions} aria-labelledby="group-mentions">
      <header className={css.head}>
        <AtSign size={16} />
        <h2 id="group-mentions">You are mentioned</h2>
        <span className={css.count}>{data.length}</span>
        <p>Open comments that somebody wants you to see.</p>
      </header>
      <ul className={css.list}>
        {data.map(({ comment, recording_id, recording_name, position }) => (
          <li key={comment.id} className={css.row}>
            <div className={css.main}>
              <div className={css.line}>
                <Link
                  to="/recordings/$recordingId/frames/$frame"
                  params={{ recordingId: String(recording_id), frame: frameParam(position) }}
                  className={css.name}
                >
                  {recording_name}, frame {position + 1}
                  {comment.joint === null ? '' : `, ${JOINT_LABELS[comment.joint]}`}
                </Link>
                <span className={css.facts}>
                  {latest(comment).author.name} {formatRelative(latest(comment).created_at)}
                </span>
              </div>
              <p>{latest(comment).body}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
