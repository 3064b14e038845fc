import type { ReactNode } from 'react';
import css from './ImportPage.module.css';

interface SectionProps {
  number: number;
  title: string;
  help?: string;
  children: ReactNode;
}

export function Section({ number, title, help, children }: SectionProps) {
  return (
    <section className={css.section} aria-labelledby={`import-${number}`}>
      <span className={css.number} aria-hidden>
        {number}
      </span>
      <div className={css.sectionBody}>
        <h2 id={`import-${number}`}>{title}</h2>
        {help ? <p className={css.help}>{help}</p> : null}
        {children}
      </div>
    </section>
  );
}
