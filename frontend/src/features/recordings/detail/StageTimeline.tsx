import { Check } from 'lucide-react';
import type { RecordingDetail } from '@/shared/api/types';
import { STAGE_HELP, STAGE_LABELS, STEPS, stepOf } from '@/shared/domain/words';
import { formatDateTime, formatSince } from '@/shared/lib/format';
import { cx } from '@/shared/ui';
import css from './StageTimeline.module.css';

/** The six steps from video to dataset, and where this recording stands. */
export function StageTimeline({ recording }: { recording: RecordingDetail }) {
  const now = stepOf(recording.stage);
  return (
    <section className={css.timeline} aria-label="Where this recording stands">
      <ol>
        {STEPS.map((step, index) => {
          const state = index < now ? 'done' : index === now ? 'now' : 'ahead';
          return (
            <li
              key={step.label}
              className={cx(css.step, css[state])}
              aria-current={state === 'now' ? 'step' : undefined}
            >
              <span className={css.sign} aria-hidden>
                {state === 'done' ? <Check size={12} strokeWidth={3} /> : index + 1}
              </span>
              <span className={css.text}>
                <strong>
                  {step.label}
                  {state === 'done' ? <span className="visually-hidden"> (done)</span> : null}
                </strong>
                <span>{state === 'now' ? STAGE_LABELS[recording.stage] : step.help}</span>
              </span>
            </li>
          );
        })}
      </ol>
      <p title={formatDateTime(recording.stage_since)}>
        {STAGE_HELP[recording.stage]} Since {formatSince(recording.stage_since)}.
      </p>
    </section>
  );
}
