import { Check } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { cx } from './cx';
import { Kbd } from './Kbd';
import css from './Menu.module.css';

interface MenuProps {
  /** The element that opens the menu, a button. */
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'center' | 'end';
  side?: 'top' | 'right' | 'bottom' | 'left';
  /** Accessible name where the trigger's text does not say it. */
  label?: string;
}

export function Menu({ trigger, children, align = 'start', side = 'bottom', label }: MenuProps) {
  const [open, setOpen] = useState(false);
  // Not modal, and within the part of the page that it belongs to: what lies around an open menu
  // stays readable for those who listen to the page.
  const around = open ? document.querySelector('[role="dialog"], main') : null;
  return (
    <Radix.Root modal={false} open={open} onOpenChange={setOpen}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={around}>
        <Radix.Content
          className={css.content}
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuItemProps {
  onSelect: () => void;
  icon?: ReactNode;
  shortcut?: string;
  disabled?: boolean;
  danger?: boolean;
  /** Second, quieter line. */
  hint?: ReactNode;
  checked?: boolean;
  children: ReactNode;
}

export function MenuItem({
  onSelect,
  icon,
  shortcut,
  disabled,
  danger,
  hint,
  checked,
  children,
}: MenuItemProps) {
  return (
    <Radix.Item
      className={cx(css.item, danger && css.danger)}
      onSelect={onSelect}
      disabled={disabled}
      {...(checked === undefined ? {} : { role: 'menuitemradio', 'aria-checked': checked })}
    >
      {icon ? <span className={css.icon}>{icon}</span> : null}
      <span className={css.text}>
        {children}
        {hint ? <span className={css.hint}>{hint}</span> : null}
      </span>
      {shortcut ? <Kbd>{shortcut}</Kbd> : null}
      {checked ? <Check size={14} aria-hidden /> : null}
    </Radix.Item>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className={css.label}>{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className={css.separator} />;
}
