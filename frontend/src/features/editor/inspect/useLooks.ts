import { useEffect, useMemo } from 'react';
import type { Looks } from './Looks';
import { looksOf, SEND_EVERY_MS } from './sendLooks';

/** Notes how long the open frame is before the inspector; only while the page is to be seen. */
export function useLooks(
  recordingId: number,
  round: number,
  frameId: number | null,
  counts: boolean,
): Looks {
  const looks = useMemo(() => looksOf(recordingId, round), [recordingId, round]);
  useEffect(() => {
    if (!counts) return;
    const look = (): void => {
      const seen = document.visibilityState === 'visible';
      looks.show(seen ? frameId : null);
      if (!seen) void looks.flush();
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      looks.show(null);
    };
  }, [looks, frameId, counts]);
  useEffect(() => {
    if (!counts) return;
    const timer = setInterval(() => void looks.flush(), SEND_EVERY_MS);
    return () => {
      clearInterval(timer);
      void looks.flush();
    };
  }, [looks, counts]);
  return looks;
}
