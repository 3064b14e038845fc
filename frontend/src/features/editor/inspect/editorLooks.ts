/** While one inspects in the editor, the time before each frame counts as looking at it. */
import { answer, http } from '@/shared/api/client';
import type { Editor } from '../store/Editor';
import { Looks } from './Looks';

const SEND_EVERY_MS = 3000;

/** Returns how to stop. */
export function watchLooks(editor: Editor): () => void {
  const { id, round } = editor.state.recording;
  const looks = new Looks({
    now: () => performance.now(),
    send: (seen) =>
      answer(
        http.POST('/api/v1/recordings/{recording_id}/looks', {
          params: { path: { recording_id: id } },
          body: {
            round,
            looks: seen.map(({ frameId, seconds }) => ({ frame_id: frameId, seconds })),
          },
          keepalive: true,
        }),
      ),
  });
  const look = (): void => {
    const { mode, frame, loading, recording } = editor.state;
    const here = mode === 'inspect' && recording.round === round && !loading;
    looks.show(here && document.visibilityState === 'visible' ? (frame?.doc.id ?? null) : null);
  };
  look();
  const stop = editor.store.api.subscribe(look);
  const timer = setInterval(() => void looks.flush(), SEND_EVERY_MS);
  document.addEventListener('visibilitychange', look);
  editor.reviews.beforeMarking = () => looks.flush();
  return () => {
    stop();
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
    looks.show(null);
    void looks.flush();
  };
}
