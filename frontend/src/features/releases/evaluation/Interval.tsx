import css from './Evaluation.module.css';
import type { Measure } from './queries';

interface IntervalProps {
  measure: Measure | undefined;
  /** What the whole width stands for. */
  max: number;
  /** Another number to compare with, drawn as a thin line. */
  beside?: number | null;
}

const WIDTH = 160;
const HEIGHT = 16;

/** A number as a dot with its interval as a line; the text beside it says the same. */
export function Interval({ measure, max, beside }: IntervalProps) {
  const at = (value: number) =>
    (Math.min(Math.max(value / max, 0), 1) * (WIDTH - 8) + 4).toFixed(1);
  const value = measure?.value;
  return (
    <svg className={css.interval} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
      <line x1={4} x2={WIDTH - 4} y1={HEIGHT / 2} y2={HEIGHT / 2} className={css.track} />
      {beside === null || beside === undefined ? null : (
        <line x1={at(beside)} x2={at(beside)} y1={2} y2={HEIGHT - 2} className={css.beside} />
      )}
      {measure?.interval ? (
        <line
          x1={at(measure.interval[0] ?? 0)}
          x2={at(measure.interval[1] ?? 0)}
          y1={HEIGHT / 2}
          y2={HEIGHT / 2}
          className={css.span}
        />
      ) : null}
      {value === null || value === undefined ? null : (
        <circle cx={at(value)} cy={HEIGHT / 2} r={4} className={css.dot} />
      )}
    </svg>
  );
}
