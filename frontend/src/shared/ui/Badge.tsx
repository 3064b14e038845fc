import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';
import css from './small.module.css';

export type Tone = 'neutral' | 'accent' | 'ok' | 'warn' | 'danger' | 'info' | 'outline';

interface BadgeProps extends ComponentProps<'span'> {
  tone?: Tone;
  icon?: ReactNode;
}

export function Badge({ tone = 'neutral', icon, className, children, ...rest }: BadgeProps) {
  return (
    <span className={cx(css.badge, tone !== 'neutral' && css[tone], className)} {...rest}>
      {icon}
      {children}
    </span>
  );
}
