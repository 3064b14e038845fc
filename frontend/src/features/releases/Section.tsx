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

export const PACKAGING = 'what-is-written';
export const SELECTION = 'selection';
export const GATE = 'gate';

/** Brings a part of the page into view, such as the one in which something is mended. */
export function showSection(id: string): void {
  document.getElementById(id)?.scrollIntoView({ block: 'start' });
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
