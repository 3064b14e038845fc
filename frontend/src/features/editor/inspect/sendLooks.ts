/** Where the time for which an inspector looked at frames is told. */
import { answer, http } from '@/shared/api/client';
import { Looks } from './Looks';

export const SEND_EVERY_MS = 3000;

/** Looks at a recording's frames in a round, told to the server. */
export const looksOf = (recordingId: number, round: number): Looks =>
  new Looks({
    now: () => performance.now(),
    send: (seen) =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/looks', {
          params: { path: { recording_id: recordingId } },
          body: {
            round,
            looks: seen.map(({ frameId, seconds }) => ({ frame_id: frameId, seconds })),
          },
          keepalive: true,
        }),
      ),
  });
