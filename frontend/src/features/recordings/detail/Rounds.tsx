import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, Clock, Repeat, RotateCcw } from 'lucide-react';
import { roundsQuery, vouchingQuery } from '@/shared/api/queries/inspecting';
import type { RecordingDetail, Round, RoundTimes, Sample } from '@/shared/api/types';
import {
  count,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatRelative,
} from '@/shared/lib/format';
import { Badge, EmptyState } from '@/shared/ui';
import css from './lists.module.css';
import { RoundChanges } from './RoundChanges';

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

const secondsBetween = (from: string, to: string): number =>
  (new Date(to).getTime() - new Date(from).getTime()) / 1000;

/** How long each side had it, and what came of it. */
function Came({
  recordingId,
  times,
  boxes,
  samples,
}: {
  recordingId: number;
  times: RoundTimes;
  boxes: boolean;
  samples: readonly Sample[];
}) {
  const { began_at, submitted_at, decided_at } = times;
  const words = [
    began_at
      ? `${boxes ? 'Boxes ready after' : 'Annotated in'} ${formatDuration(secondsBetween(began_at, submitted_at))}`
      : null,
    times.frames_written ? `${count(times.frames_written, 'frame')} saved` : null,
    decided_at
      ? `inspected after ${formatDuration(secondsBetween(submitted_at, decided_at))}`
      : null,
    times.frames_seen
      ? `${count(times.frames_seen, 'frame')} looked at for ${formatDuration(times.seconds_seen)}`
      : null,
    times.good
      ? `${times.good} good${times.by_sample ? `, ${times.by_sample} of them by a sample` : ''}`
      : null,
    times.revise ? `${times.revise} to revise` : null,
    times.wrong_joints ? `${count(times.wrong_joints, 'joint')} marked wrong` : null,
  ].filter(Boolean);
  return (
    <>
      {words.length ? <p className={css.quiet}>{words.join(' · ')}</p> : null}
      {times.glanced ? <Glanced recordingId={recordingId} times={times} /> : null}
      {samples.map((sample) => (
        <p key={sample.id} className={css.quiet}>
          Random sample of {sample.size} from {count(sample.population, 'frame')} (seed{' '}
          {sample.seed}):{' '}
          {sample.finished_at === null
            ? 'not finished'
            : `${sample.wrong} wrong of ${count(sample.joints ?? 0, 'joint')}, ${sample.rate ?? 0} in 1,000 (95 % between ${sample.low ?? 0} and ${sample.high ?? 0}); ${
                sample.refusal
                  ? 'nothing accepted by it'
                  : `${count(sample.vouched ?? 0, 'frame')} accepted by it`
              }`}
        </p>
      ))}
    </>
  );
}

/** Frames that the inspector marked good without having looked at them, each to be opened. */
function Glanced({ recordingId, times }: { recordingId: number; times: RoundTimes }) {
  const { glanced, glanced_at: at } = times;
  const shown = at.slice(0, SHOWN);
  return (
    <p className={css.quiet}>
      {count(glanced, 'frame')} marked good without a look:{' '}
      {shown.map((position, i) => (
        <span key={position}>
          {i > 0 ? ', ' : ''}
          <Link
            to="/recordings/$recordingId/inspect"
            params={{ recordingId: String(recordingId) }}
            search={{ frame: position + 1 }}
          >
            {position + 1}
          </Link>
        </span>
      ))}
      {glanced > shown.length ? ` and ${formatNumber(glanced - shown.length)} more` : ''}
    </p>
  );
}

const SHOWN = 40;

/** Each passage through review, newest first, and what changed between any two. */
export function Rounds({ recording }: { recording: RecordingDetail }) {
  const { data: times } = useQuery(roundsQuery(recording.id));
  const { data: vouching } = useQuery(vouchingQuery(recording.id));
  const timesOf = new Map(times?.map((one) => [one.id, one]));
  const rounds = [...recording.rounds].sort((a, b) => b.id - a.id);
  if (!rounds.length) {
    return (
      <EmptyState icon={<Repeat size={20} />} title="Not submitted yet">
        Each time the annotator submits and the inspector decides, one round is noted here.
      </EmptyState>
    );
  }
  return (
    <>
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
            {timesOf.has(round.id) ? (
              <Came
                recordingId={recording.id}
                times={timesOf.get(round.id) as RoundTimes}
                boxes={round.kind === 'boxes'}
                samples={
                  round.kind === 'keypoints'
                    ? (vouching?.samples ?? []).filter((sample) => sample.round === round.round)
                    : []
                }
              />
            ) : null}
            {round.note ? <blockquote className={css.quote}>{round.note}</blockquote> : null}
          </li>
        ))}
      </ol>
      <RoundChanges recording={recording} />
    </>
  );
}
