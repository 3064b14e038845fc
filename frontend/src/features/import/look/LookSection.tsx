import { count } from '@/shared/lib/format';
import { Button, Notice, Progress } from '@/shared/ui';
import { Categories } from './Categories';
import type { Choices } from './choices';
import { Format, Remarks } from './Format';
import css from './look.module.css';
import { Names } from './Names';
import { Odds } from './Odds';
import { Pixels } from './Pixels';
import type { Look } from './useFirstPass';

interface LookProps {
  look: Look;
  /** Whether all files have arrived. */
  arrived: boolean;
  choices: Choices;
  onChange: (next: Choices) => void;
}

/** What a first pass over labels found, and the choices that it leaves to a person. */
export function LookSection({ look, arrived, choices, onChange }: LookProps) {
  const { report, running, job, error } = look;
  if (!arrived) {
    return <p className={css.quiet}>Begins when all files have arrived.</p>;
  }
  return (
    <div className={css.look} aria-busy={running}>
      <Format report={report} choices={choices} onChange={onChange} />
      {error ? (
        <>
          <Notice tone="error">{error}</Notice>
          <Button onClick={look.again}>Look again</Button>
        </>
      ) : null}
      {running && !report ? (
        <div>
          <p className={css.quiet}>{job?.message || 'Looking through the files'}</p>
          <Progress
            label="Looking through the files"
            done={job?.done ?? 0}
            total={job?.total ?? null}
          />
        </div>
      ) : null}
      {report && !error ? (
        <div className={running ? css.stale : undefined}>
          <p className={css.sum} aria-live="polite">
            <strong>{count(report.images, 'image becomes a frame', 'images become frames')}</strong>
            <strong>
              {count(report.people, 'person becomes a candidate', 'people become candidates')}
            </strong>
            {report.apart ? (
              <span>{count(report.apart, 'is kept apart', 'are kept apart')}</span>
            ) : null}
            {running ? <span>looking again…</span> : null}
          </p>
          {report.refused ? (
            <Notice tone="error">Nothing can be imported: {report.refused}</Notice>
          ) : null}
          <Remarks report={report} />
          <Odds report={report} choices={choices} onChange={onChange} />
          <Pixels report={report} choices={choices} onChange={onChange} />
          <Categories report={report} choices={choices} onChange={onChange} />
          <Names report={report} />
        </div>
      ) : null}
    </div>
  );
}
