import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { GitCompare } from 'lucide-react';
import { useState } from 'react';
import { roundChangesQuery } from '@/shared/api/queries/inspecting';
import type { FrameChange, RecordingDetail } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { REASON_LABELS } from '@/shared/domain/words';
import { count, formatDateTime, formatRelative } from '@/shared/lib/format';
import { EmptyState, ErrorState, Select, SkeletonRows } from '@/shared/ui';
import css from './lists.module.css';

const VERDICT_WORDS = { undecided: 'undecided', keep: 'kept', discard: 'discarded' } as const;
const SHOWN = 200;

const nameOf = (round: number): string =>
  round === 0 ? 'what the model proposed' : `round ${round}`;

/** `left wrist 12.4 px, nose occluded` */
export function wordsOf(change: FrameChange): string {
  const moved = change.joints.map(({ joint, pixels, before, after }) => {
    const name = JOINT_LABELS[joint] ?? '';
    if (pixels === null) return `${name} ${after === 0 ? 'taken away' : 'placed'}`;
    const seen = before === after ? '' : `, now ${after === 2 ? 'visible' : 'occluded'}`;
    return pixels > 0
      ? `${name} ${pixels.toFixed(1)} px${seen}`
      : `${name}${seen.replace(',', '')}`;
  });
  const { verdict_before: from, verdict_after: to, reason_after: reason } = change;
  const why = reason ? ` (${REASON_LABELS[reason]})` : '';
  const decided =
    from === to && change.reason_before === reason
      ? []
      : [`${VERDICT_WORDS[from]} → ${VERDICT_WORDS[to]}${why}`];
  return [...decided, ...moved].join(', ') || 'the reason’s words';
}

/** What changed between any two rounds, frame by frame: what, by whom, when. */
export function RoundChanges({ recording }: { recording: RecordingDetail }) {
  const [until, setUntil] = useState(recording.round);
  const [since, setSince] = useState(Math.max(0, recording.round - 1));
  const { data, error, refetch } = useQuery(roundChangesQuery(recording.id, since, until));
  const rounds = Array.from({ length: recording.round + 1 }, (_, n) => n);
  return (
    <section className={css.changes} aria-label="What changed">
      <div className={css.head}>
        <strong>What changed from</strong>
        <Select
          aria-label="From"
          value={since}
          onChange={(e) => {
            const next = Number(e.target.value);
            setSince(next);
            if (until <= next) setUntil(next + 1);
          }}
        >
          {rounds.slice(0, -1).map((n) => (
            <option key={n} value={n}>
              {nameOf(n)}
            </option>
          ))}
        </Select>
        <strong>to</strong>
        <Select aria-label="To" value={until} onChange={(e) => setUntil(Number(e.target.value))}>
          {rounds
            .filter((n) => n > since)
            .map((n) => (
              <option key={n} value={n}>
                {nameOf(n)}
              </option>
            ))}
        </Select>
        {data ? (
          <span className={css.quiet}>
            {count(data.total, 'frame')}, {count(data.joints, 'joint')}
            {data.median_pixels === null ? '' : `, median ${data.median_pixels} px`}
          </span>
        ) : null}
      </div>
      {error && !data ? (
        <ErrorState
          title="The changes could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : null}
      {!data && !error ? <SkeletonRows rows={3} /> : null}
      {data && data.total === 0 ? (
        <EmptyState compact icon={<GitCompare size={20} />} title="Nothing differs">
          No joint and no verdict is different between {nameOf(since)} and {nameOf(until)}.
        </EmptyState>
      ) : null}
      {data && data.total > 0 ? (
        <ol className={css.rows}>
          {data.frames.slice(0, SHOWN).map((change) => (
            <li key={change.frame_id}>
              <Link
                to="/recordings/$recordingId/frames/$frame"
                params={{
                  recordingId: String(recording.id),
                  frame: frameParam(change.position),
                }}
              >
                Frame {change.position + 1}
              </Link>
              <span>{wordsOf(change)}</span>
              <span className={css.quiet}>
                {change.authors.map(({ name }) => name).join(', ')}{' '}
                {change.at ? (
                  <time dateTime={change.at} title={formatDateTime(change.at)}>
                    {formatRelative(change.at)}
                  </time>
                ) : null}
              </span>
            </li>
          ))}
        </ol>
      ) : null}
      {data && data.total > SHOWN ? (
        <p className={css.quiet}>
          The first {SHOWN} of {count(data.total, 'frame')}; all of them are in the interface (
          <code>/changes</code>).
        </p>
      ) : null}
    </section>
  );
}
