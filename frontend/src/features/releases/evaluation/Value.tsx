import { cx } from '@/shared/ui';
import css from './Board.module.css';
import type { Measure } from './queries';
import { formatInterval, formatMeasure } from './words';

/** A number with its 95 % interval under it. */
export function Value({
  name,
  measure,
  strong,
}: {
  name: string;
  measure: Measure | undefined;
  strong?: boolean;
}) {
  const interval = formatInterval(name, measure);
  return (
    <span className={css.value}>
      <span className={cx(strong && css.strong)}>{formatMeasure(name, measure?.value)}</span>
      {interval ? <small>{interval}</small> : null}
    </span>
  );
}
