import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { cx } from './cx';
import css from './Page.module.css';

interface PageProps {
  title: string;
  /** Shown instead of the title; the title still names the browser's tab. */
  heading?: ReactNode;
  description?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  /** Way back above the title. */
  back?: ReactNode;
  /** For forms and settings: lines of a readable length. */
  narrow?: boolean;
  /** For pictures: the whole of a large screen. */
  wide?: boolean;
  /** Only the content, no header; the title is there for those who hear the page. */
  bare?: boolean;
  children: ReactNode;
}

/** One page: title, actions, content. */
export function Page({
  title,
  heading,
  description,
  actions,
  back,
  narrow,
  wide,
  bare,
  children,
}: PageProps) {
  useEffect(() => {
    document.title = `${title} · InfantNet`;
  }, [title]);
  return (
    <div className={cx(css.page, narrow && css.narrow, wide && css.wide)}>
      {bare ? (
        <h1 className="visually-hidden">{title}</h1>
      ) : (
        <header className={css.header}>
          <div className={css.titles}>
            {back ? <div className={css.back}>{back}</div> : null}
            <div className={css.title}>{heading ?? <h1>{title}</h1>}</div>
            {description ? <p className={css.description}>{description}</p> : null}
          </div>
          {actions ? <div className={css.actions}>{actions}</div> : null}
        </header>
      )}
      {children}
    </div>
  );
}
