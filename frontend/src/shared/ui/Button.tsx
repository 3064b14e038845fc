import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import css from './Button.module.css';
import { cx } from './cx';
import { Tooltip } from './Tooltip';

type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';

interface Look {
  variant?: ButtonVariant;
  size?: 'sm' | 'md';
}

/** Class name that makes any element (a link, for example) look like a button. */
export function buttonClass({ variant = 'secondary', size = 'md' }: Look = {}): string {
  return cx(css.button, css[variant], css[size]);
}

export interface ButtonProps extends ComponentProps<'button'>, Look {
  /** Icon before the text. */
  icon?: ReactNode;
  /** Shows a spinner and takes no clicks; where it is given, a double click counts once. */
  busy?: boolean;
}

export function Button({
  variant,
  size,
  icon,
  busy,
  disabled,
  className,
  children,
  type = 'button',
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      className={cx(buttonClass({ variant, size }), className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      onClick={(event) => {
        if (busy !== undefined && event.detail > 1) event.preventDefault();
        else onClick?.(event);
      }}
      {...rest}
    >
      {busy ? <LoaderCircle size={14} className={css.spin} aria-hidden /> : icon}
      {children}
    </button>
  );
}

export interface IconButtonProps extends ComponentProps<'button'>, Look {
  /** Accessible name, also shown as tooltip. */
  label: string;
  /** Key shown in the tooltip. */
  shortcut?: string;
  side?: 'top' | 'right' | 'bottom' | 'left';
  pressed?: boolean;
}

export function IconButton({
  label,
  shortcut,
  side = 'bottom',
  variant = 'ghost',
  size,
  pressed,
  className,
  type = 'button',
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip content={label} shortcut={shortcut} side={side} disabled={rest.disabled}>
      <button
        type={type}
        aria-label={label}
        aria-pressed={pressed}
        className={cx(buttonClass({ variant, size }), css.icon, pressed && css.pressed, className)}
        {...rest}
      />
    </Tooltip>
  );
}
