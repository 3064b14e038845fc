import { cx } from './cx';
import css from './small.module.css';

interface ProgressProps {
  /** Accessible name. */
  label: string;
  done: number;
  /** Without a total the bar only moves. */
  total: number | null;
  height?: number;
}

export function Progress({ label, done, total, height = 6 }: ProgressProps) {
  const known = total !== null && total > 0;
  const percent = known ? Math.min(100, (100 * done) / total) : undefined;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent === undefined ? undefined : Math.round(percent)}
      className={css.track}
      style={{ height }}
    >
      {known ? (
        <span className={css.fill} style={{ width: `${percent}%` }} />
      ) : (
        <span className={css.indeterminate} />
      )}
    </div>
  );
}

export interface Segment {
  key: string;
  label: string;
  value: number;
  className?: string;
  color?: string;
}

/** One bar of several parts, named for screen readers. */
export function SegmentedBar({
  segments,
  label,
  height = 8,
}: {
  segments: Segment[];
  label: string;
  height?: number;
}) {
  const total = segments.reduce((sum, s) => sum + s.value, 0);
  const words = segments.filter((s) => s.value > 0).map((s) => `${s.value} ${s.label}`);
  return (
    <div
      role="img"
      aria-label={`${label}: ${words.join(', ') || 'nothing yet'}`}
      className={css.track}
      style={{ height, gap: 1 }}
    >
      {segments
        .filter((s) => s.value > 0)
        .map((s) => (
          <span
            key={s.key}
            className={cx(s.className)}
            style={{ width: `${(100 * s.value) / total}%`, background: s.color }}
          />
        ))}
    </div>
  );
}
