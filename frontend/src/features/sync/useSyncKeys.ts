import { usePageKeys } from '@/shared/lib/usePageKeys';

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

/** The page's keys; none while somebody types. */
export function useSyncKeys({ nudge, select, move, jump, enabled }: SyncKeys): void {
  usePageKeys(
    ({ key, shiftKey }) => {
      const many = shiftKey ? 10 : 1;
      if (key === 'ArrowLeft') nudge(-many);
      else if (key === 'ArrowRight') nudge(many);
      else if (key === ',' || key === '<') move(-many);
      else if (key === '.' || key === '>') move(many);
      else if (key === '[') jump(-1);
      else if (key === ']') jump(1);
      else if (/^[1-9]$/.test(key)) select(Number(key));
      else return false;
      return true;
    },
    { enabled },
  );
}
