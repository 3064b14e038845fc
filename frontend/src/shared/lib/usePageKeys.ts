import { useEffect, useRef } from 'react';

const WRITES = 'input:not([type="range"]), textarea, select, [contenteditable="true"]';
const STEPS = 'input, [role="slider"], [role="radio"], [role="tab"], [role="menuitem"]';
const PRESSES = 'button, a, [role="button"], [role="checkbox"], [role="radio"], input, summary';
const OPEN = '[role="dialog"], [role="menu"], [role="listbox"]';
const STEPPING = /^(Arrow.*|Home|End|PageUp|PageDown)$/;

/** Whether a key is not the page's: something else is open, or what has the focus needs it itself. */
function isTaken(event: KeyboardEvent, inDialog: boolean, modified: boolean): boolean {
  const { key, target } = event;
  if (event.defaultPrevented) return true;
  if (!modified && (event.ctrlKey || event.metaKey || event.altKey)) return true;
  if (!inDialog && document.querySelector(OPEN) !== null) return true;
  if (!(target instanceof Element)) return false;
  if (target.closest(WRITES) !== null) return true;
  if (STEPPING.test(key) && target.closest(STEPS) !== null) return true;
  return (key === ' ' || key === 'Enter') && target.closest(PRESSES) !== null;
}

interface PageKeys {
  /** Of a dialog: its keys hold while it is open. */
  readonly inDialog?: boolean;
  readonly enabled?: boolean;
  /** Keys with Ctrl, Alt or ⌘ may be the page's, too: a person may have chosen them. */
  readonly modified?: boolean;
}

/**
 * Keys of a page. Whoever writes or chooses has them for themselves, and so has an open dialog or
 * menu.
 *
 * @param onKey Performs what a key means; `false` where it means nothing.
 */
export function usePageKeys(
  onKey: (event: KeyboardEvent) => boolean,
  { inDialog = false, enabled = true, modified = false }: PageKeys = {},
): void {
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => {
    if (!enabled) return;
    const listen = (event: KeyboardEvent): void => {
      if (!isTaken(event, inDialog, modified) && latest.current(event)) event.preventDefault();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [inDialog, enabled, modified]);
}

/** What a key of a table does; letters are meant with and without Shift. */
export function performed(
  acts: Readonly<Record<string, (() => unknown) | undefined>>,
  { key }: KeyboardEvent,
): boolean {
  const act = acts[key.length === 1 ? key.toLowerCase() : key];
  act?.();
  return act !== undefined;
}
