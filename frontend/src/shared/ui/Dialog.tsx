import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { buttonClass } from './Button';
import { cx } from './cx';
import css from './Dialog.module.css';

/** Focus goes to what is asked for; without a field to the first button, never to the cross. */
function focusFirst(event: Event): void {
  const content = event.currentTarget as HTMLElement;
  const first =
    content.querySelector<HTMLElement>(
      '[data-dialog-body] :is(input, textarea, select, [role="checkbox"]):not([disabled], [hidden])',
    ) ?? content.querySelector<HTMLElement>('footer button:not([disabled])');
  event.preventDefault();
  (first ?? content).focus();
}

/** Where more is in it than is seen, it can be reached by Tab and scrolled by keys. */
function Body({ children }: { children: ReactNode }) {
  const body = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useLayoutEffect(() => {
    const { current } = body;
    if (current === null) return;
    const measure = (): void => setScrolls(current.scrollHeight > current.clientHeight);
    measure();
    const size = 'ResizeObserver' in window ? new ResizeObserver(measure) : null;
    const content = new MutationObserver(measure);
    size?.observe(current);
    content.observe(current, { childList: true, subtree: true, characterData: true });
    return () => {
      size?.disconnect();
      content.disconnect();
    };
  }, []);
  return (
    <div ref={body} className={css.body} data-dialog-body tabIndex={scrolls ? 0 : undefined}>
      {children}
    </div>
  );
}

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** One or two sentences under the title. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the bottom right. */
  footer?: ReactNode;
  /** `drawer` comes in from the right and takes the full height. */
  kind?: 'centre' | 'drawer';
  width?: number;
}

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  kind = 'centre',
  width = 480,
}: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={css.overlay} />
        <Radix.Content
          className={cx(css.content, css[kind])}
          onOpenAutoFocus={focusFirst}
          style={{ width: `min(${width}px, calc(100vw - 32px))` }}
          {...(description ? {} : { 'aria-describedby': undefined })}
        >
          <div className={css.header}>
            <div>
              <Radix.Title className={css.title}>{title}</Radix.Title>
              {description ? (
                <Radix.Description className={css.description}>{description}</Radix.Description>
              ) : null}
            </div>
            <Radix.Close
              className={cx(buttonClass({ variant: 'ghost', size: 'sm' }), css.close)}
              aria-label="Close"
            >
              <X size={16} />
            </Radix.Close>
          </div>
          {children ? <Body>{children}</Body> : null}
          {footer ? <footer className={css.footer}>{footer}</footer> : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
