import { useEffect, useMemo } from 'react';
import { answer, http } from '@/shared/api/client';
import { Looks } from './Looks';

const SEND_EVERY_MS = 3000;

/** Notes how long the open frame is before the inspector; only while the page is to be seen. */
export function useLooks(
  recordingId: number,
  round: number,
  frameId: number | null,
  counts: boolean,
): Looks {
  const looks = useMemo(
    () =>
      new Looks({
        now: () => performance.now(),
        send: (seen) =>
          answer(
            http.POST('/api/v1/recordings/{recording_id}/looks', {
              params: { path: { recording_id: recordingId } },
              body: {
                round,
                looks: seen.map((look) => ({ frame_id: look.frameId, seconds: look.seconds })),
              },
              keepalive: true,
            }),
          ),
      }),
    [recordingId, round],
  );
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
