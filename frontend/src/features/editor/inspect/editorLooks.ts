/** While one inspects in the editor, the time before each frame counts as looking at it. */
import type { Editor } from '../store/Editor';
import { looksOf, SEND_EVERY_MS } from './sendLooks';

/** Returns how to stop. */
export function watchLooks(editor: Editor): () => void {
  const { id, round } = editor.state.recording;
  const looks = looksOf(id, round);
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
