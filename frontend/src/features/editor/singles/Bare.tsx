import { type ReactNode, useEffect } from 'react';
import css from './singles.module.css';

/** A page without the editor: nothing to do, something went wrong, or what comes. */
export function Bare({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · InfantNet`;
  }, [title]);
  return (
    <main className={css.page}>
      <h1 className="visually-hidden">{title}</h1>
      {children}
    </main>
  );
}
