import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { errorMessage } from '@/shared/api/problem';
import { Button } from './Button';
import { cx } from './cx';
import css from './states.module.css';

interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  /** What to do next. */
  children?: ReactNode;
  actions?: ReactNode;
  compact?: boolean;
}

export function EmptyState({ icon, title, children, actions, compact }: EmptyStateProps) {
  return (
    <div className={cx(css.state, compact && css.compact)}>
      <span className={css.icon} aria-hidden>
        {icon}
      </span>
      <h2>{title}</h2>
      {children ? (
        <div className={css.text} data-prose>
          {children}
        </div>
      ) : null}
      {actions ? <div className={css.actions}>{actions}</div> : null}
    </div>
  );
}

interface ErrorStateProps {
  /** What could not be shown: "The recordings could not be loaded". */
  title: string;
  error: unknown;
  onRetry?: () => void;
  actions?: ReactNode;
}

export function ErrorState({ title, error, onRetry, actions }: ErrorStateProps) {
  return (
    <div className={css.state} role="alert">
      <span className={cx(css.icon, css.danger)} aria-hidden>
        <TriangleAlert size={20} />
      </span>
      <h2>{title}</h2>
      <p className={css.text}>{errorMessage(error)}</p>
      <div className={css.actions}>
        {onRetry ? <Button onClick={onRetry}>Try again</Button> : null}
        {actions}
      </div>
    </div>
  );
}

const NOTICE_ICONS = { info: Info, warn: TriangleAlert, error: CircleAlert };

/** A sentence in the flow of a page that matters now. */
export function Notice({
  tone = 'info',
  children,
}: {
  tone?: keyof typeof NOTICE_ICONS;
  children: ReactNode;
}) {
  const Icon = NOTICE_ICONS[tone];
  return (
    <div className={cx(css.notice, css[tone])} role={tone === 'error' ? 'alert' : undefined}>
      <Icon size={16} aria-hidden />
      <div data-prose>{children}</div>
    </div>
  );
}
