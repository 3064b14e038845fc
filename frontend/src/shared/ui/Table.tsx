import type { ComponentProps } from 'react';
import { cx } from './cx';
import css from './Table.module.css';

/** A table in a frame that scrolls sideways when it must. */
export function Table({ className, ...rest }: ComponentProps<'table'>) {
  return (
    <div className={css.wrap}>
      <table className={cx(css.table, className)} {...rest} />
    </div>
  );
}

interface CellProps extends ComponentProps<'td'> {
  /** Numbers stand at the right. */
  numeric?: boolean;
  /** Second-rank text. */
  quiet?: boolean;
}

export function Cell({ numeric, quiet, className, ...rest }: CellProps) {
  return <td className={cx(numeric && css.numeric, quiet && css.quiet, className)} {...rest} />;
}

export function HeadCell({
  numeric,
  className,
  ...rest
}: ComponentProps<'th'> & { numeric?: boolean }) {
  return <th scope="col" className={cx(numeric && css.numeric, className)} {...rest} />;
}
