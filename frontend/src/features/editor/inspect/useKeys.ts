import { useEffect, useRef } from 'react';

/** Keys of a page; whoever writes or chooses has them for themselves, and so has an open dialog. */
export function useKeys(keys: Readonly<Record<string, () => unknown>>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      if (
        target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"]')
      ) {
        return;
      }
      const perform = latest.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (perform === undefined) return;
      event.preventDefault();
      perform();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
