import type { ReactNode } from 'react';
import css from './panels.module.css';

interface PanelProps {
  title: string;
  /** Right of the title: a number, or buttons. */
  aside?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, aside, children }: PanelProps) {
  return (
    <section className={css.panel} aria-label={title}>
      <header className={css.panelHeader}>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
