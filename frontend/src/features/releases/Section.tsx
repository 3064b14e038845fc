import type { ReactNode } from 'react';
import css from './Section.module.css';

interface SectionProps {
  id?: string;
  title: string;
  help?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** One part of a release's page. */
export function Section({ id, title, help, actions, children }: SectionProps) {
  return (
    <section id={id} className={css.section} aria-label={title}>
      <header>
        <div>
          <h2>{title}</h2>
          {help ? <p>{help}</p> : null}
        </div>
        {actions ? <div className={css.actions}>{actions}</div> : null}
      </header>
      {children}
    </section>
  );
}
