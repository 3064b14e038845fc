import { Check, Clock, Repeat, RotateCcw } from 'lucide-react';
import type { RecordingDetail, Round } from '@/shared/api/types';
import { formatDateTime, formatRelative } from '@/shared/lib/format';
import { Badge, EmptyState } from '@/shared/ui';
import css from './lists.module.css';

function Decision({ round }: { round: Round }) {
  if (round.decision === 'approved') {
    return (
      <Badge tone="ok" icon={<Check size={12} aria-hidden />}>
        Approved
      </Badge>
    );
  }
  if (round.decision === 'returned') {
    return (
      <Badge tone="danger" icon={<RotateCcw size={12} aria-hidden />}>
        Returned
      </Badge>
    );
  }
  return <Badge icon={<Clock size={12} aria-hidden />}>With the inspector</Badge>;
}

/** Each passage through review, newest first. */
export function Rounds({ recording }: { recording: RecordingDetail }) {
  const rounds = [...recording.rounds].sort((a, b) => b.id - a.id);
  if (!rounds.length) {
    return (
      <EmptyState icon={<Repeat size={20} />} title="Not submitted yet">
        Each time the annotator submits and the inspector decides, one round is noted here.
      </EmptyState>
    );
  }
  return (
    <ol className={css.list}>
      {rounds.map((round) => (
        <li key={round.id} className={css.item}>
          <div className={css.head}>
            <strong>
              Round {round.round}, {round.kind === 'boxes' ? 'boxes' : 'joints'}
            </strong>
            <Decision round={round} />
          </div>
          <p className={css.quiet}>
            {round.submitted_by ? `Submitted by ${round.submitted_by.name}` : 'Opened'}{' '}
            <time dateTime={round.submitted_at} title={formatDateTime(round.submitted_at)}>
              {formatRelative(round.submitted_at)}
            </time>
            {round.decided_at ? (
              <>
                , decided by {round.inspector?.name ?? 'somebody'}{' '}
                <time dateTime={round.decided_at} title={formatDateTime(round.decided_at)}>
                  {formatRelative(round.decided_at)}
                </time>
              </>
            ) : null}
          </p>
          {round.note ? <blockquote className={css.quote}>{round.note}</blockquote> : null}
        </li>
      ))}
    </ol>
  );
}
