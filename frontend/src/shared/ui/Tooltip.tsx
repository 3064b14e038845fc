import { Tooltip as Radix } from 'radix-ui';
import { type ReactNode, useEffect, useState } from 'react';
import { Kbd } from './Kbd';
import css from './Tooltip.module.css';

export const TooltipProvider = Radix.Provider;

interface TooltipProps {
  content: ReactNode;
  shortcut?: string;
  side?: 'top' | 'right' | 'bottom' | 'left';
  /** Whether the child is: it then does not tell when the pointer leaves it. */
  disabled?: boolean;
  children: ReactNode;
}

/** Short help at an element; the child takes a ref and must be focusable. */
export function Tooltip(props: TooltipProps) {
  const { content, shortcut, side = 'top', disabled = false, children } = props;
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (disabled) setOpen(false);
  }, [disabled]);
  return (
    <Radix.Root open={open && !disabled} onOpenChange={setOpen}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={css.content} side={side} sideOffset={6} collisionPadding={8}>
          {content}
          {shortcut ? <Kbd>{shortcut}</Kbd> : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
