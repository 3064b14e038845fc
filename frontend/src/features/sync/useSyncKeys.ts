import { useEffect, useRef } from 'react';

interface SyncKeys {
  /** Source frames of the selected camera; positive shows later ones. */
  nudge: (frames: number) => void;
  /** A camera by its number, from 1. */
  select: (number: number) => void;
  /** Session time by frames. */
  move: (frames: number) => void;
  /** To the next spot (1) or the one before (-1). */
  jump: (direction: 1 | -1) => void;
  enabled: boolean;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('input:not([type="range"]), textarea, select, [role="dialog"] *'))
  );
}

/** The page's keys; none while somebody types. */
export function useSyncKeys(keys: SyncKeys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { nudge, select, move, jump, enabled } = now.current;
      if (!enabled || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) {
        return;
      }
      const many = event.shiftKey ? 10 : 1;
      if (event.key === 'ArrowLeft') nudge(-many);
      else if (event.key === 'ArrowRight') nudge(many);
      else if (event.key === ',' || event.key === '<') move(-many);
      else if (event.key === '.' || event.key === '>') move(many);
      else if (event.key === '[') jump(-1);
      else if (event.key === ']') jump(1);
      else if (/^[1-9]$/.test(event.key)) select(Number(event.key));
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
