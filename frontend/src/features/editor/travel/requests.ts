/** What the editor asks the server about corrections that travel. */
import { answer, http } from '@/shared/api/client';
import type { TravelSource } from './Travel';

/** Moments on each side of a frame. */
const READ = 60;
const ANSWERED = 40;

export function travelOf(recordingId: number): TravelSource {
  const path = { recording_id: recordingId };
  return {
    near: (frameId) =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/propagation/near', {
          params: { path },
          body: { frame_id: frameId, window: ANSWERED },
        }),
      ),
    around: (frameId) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/propagation/frames', {
          params: { path, query: { around: frameId, window: READ } },
        }),
      ),
    question: () =>
      answer(http.GET('/api/v1/recordings/{recording_id}/propagation/next', { params: { path } })),
  };
}
