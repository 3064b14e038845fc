import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReleaseEffect } from '@/shared/api/types';
import { count, formatNumber, formatShare } from '@/shared/lib/format';
import { cx, ErrorState, Notice, SkeletonRows } from '@/shared/ui';
import css from './Effect.module.css';
import { FramesLink } from './FramesLink';

const NAMED = 20;
const REMARKS = 2;

function Numbers({ releaseId, effect }: { releaseId: number; effect: ReleaseEffect }) {
  const { hours } = effect;
  const seconds = Math.round(hours * 3600);
  const minutes = Math.round(hours * 60);
  const facts: [string, string][] = [
    [formatNumber(effect.infants), effect.infants === 1 ? 'infant' : 'infants'],
    [formatNumber(effect.recordings), effect.recordings === 1 ? 'recording' : 'recordings'],
    minutes < 1
      ? [formatNumber(seconds), seconds === 1 ? 'second of video' : 'seconds of video']
      : hours < 1
        ? [formatNumber(minutes), minutes === 1 ? 'minute of video' : 'minutes of video']
        : [formatNumber(Math.round(hours * 10) / 10), 'hours of video'],
  ];
  return (
    <>
      <p className={css.frames}>
        <strong>
          <FramesLink releaseId={releaseId} search={{}}>
            {formatNumber(effect.frames)}
          </FramesLink>
        </strong>{' '}
        of {count(effect.of_frames, 'approved frame')}
        {effect.of_frames ? ` (${formatShare(effect.frames, effect.of_frames)})` : ''}
      </p>
      <dl className={css.facts}>
        {facts.map(([number, what]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              <FramesLink releaseId={releaseId} search={{}} label={`${number} ${what}`}>
                {number}
              </FramesLink>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Unconsented({ effect, only }: { effect: ReleaseEffect; only: boolean }) {
  const { unconsented } = effect;
  if (!unconsented.length) return null;
  return (
    <div className={css.part}>
      <h3>
        {count(unconsented.length, 'recording')} without consent to this audience,{' '}
        {only ? 'left out' : 'still in'}
      </h3>
      <ul>
        {unconsented.slice(0, NAMED).map((recording) => (
          <li key={recording.id}>
            <Link to="/recordings/$recordingId" params={{ recordingId: String(recording.id) }}>
              {recording.name}
            </Link>{' '}
            <Link to="/infants" search={{ infant: recording.infant_id }}>
              {recording.infant}
            </Link>
          </li>
        ))}
        {unconsented.length > NAMED ? <li>and {unconsented.length - NAMED} more</li> : null}
      </ul>
    </div>
  );
}

function Remarks({ remarks }: { remarks: readonly string[] }) {
  if (!remarks.length) return null;
  const lines = (some: readonly string[]) =>
    some.map((remark) => (
      <p key={remark} className={css.remark}>
        {remark}
      </p>
    ));
  const more = remarks.slice(REMARKS);
  return (
    <div className={css.remarks}>
      <h3>{count(remarks.length, 'remark')}</h3>
      {lines(remarks.slice(0, REMARKS))}
      {more.length ? (
        <details>
          <summary>{more.length} more</summary>
          <div className={css.remarks}>{lines(more)}</div>
        </details>
      ) : null}
    </div>
  );
}

interface EffectProps {
  releaseId: number;
  query: UseQueryResult<ReleaseEffect>;
  /** The rule as typed cannot be read, so that the numbers are those of before. */
  unreadable: boolean;
  /** Typing goes on, or the answer is on its way. */
  waiting: boolean;
  consentedOnly: boolean;
}

/** What the rule selects now. */
export function Effect({ releaseId, query, unreadable, waiting, consentedOnly }: EffectProps) {
  const { data: effect, error } = query;
  return (
    <aside className={css.effect} aria-label="What the rule selects" aria-busy={waiting}>
      {error ? (
        <ErrorState
          title="The effect could not be worked out"
          error={error}
          onRetry={() => void query.refetch()}
        />
      ) : effect ? (
        <div className={cx(css.body, (waiting || unreadable) && css.old)}>
          <div role="status">
            <Numbers releaseId={releaseId} effect={effect} />
          </div>
          {unreadable ? (
            <Notice tone="warn">
              One field is not filled in right; these numbers are from before.
            </Notice>
          ) : null}
          {effect.left_out.length ? (
            <div className={css.part}>
              <h3>Left out by the rule</h3>
              <ul>
                {effect.left_out.map(({ what, count: left }) => (
                  <li key={what}>
                    <b>{formatNumber(left)}</b> {what}
                  </li>
                ))}
              </ul>
            </div>
          ) : null}
          <Unconsented effect={effect} only={consentedOnly} />
          <Remarks remarks={effect.remarks} />
        </div>
      ) : (
        <SkeletonRows rows={4} />
      )}
    </aside>
  );
}
