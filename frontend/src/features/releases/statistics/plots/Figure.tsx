import type { ReactNode } from 'react';
import css from '@/shared/ui/plots/plots.module.css';

interface FigureProps {
  title: string;
  /** What is counted, in a sentence. */
  help?: ReactNode;
  /** The same numbers as a table. */
  table: ReactNode;
  children: ReactNode;
}

/** A plot with its numbers behind it. */
export function Figure({ title, help, table, children }: FigureProps) {
  return (
    <figure className={css.figure}>
      <figcaption>
        <h3>{title}</h3>
        {help ? <p>{help}</p> : null}
      </figcaption>
      {children}
      <details className={css.numbers}>
        <summary>As a table</summary>
        {table}
      </details>
    </figure>
  );
}
