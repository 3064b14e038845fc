/** Ties the queue of doubted joints and the clock of looking to the server and the page. */
import { onSuspicions } from '@/shared/api/events';
import { suspicionsQuery } from '@/shared/api/queries/suspicions';
import { queryClient } from '@/shared/api/queryClient';
import type { Editor } from '../store/Editor';
import type { WaiverQueue } from './waivers';

/** Several saves in a row are looked at one after the other: the browser asks once. */
const GATHER_MS = 400;

/** Returns what stops it. */
export function watchSuspicions(editor: Editor, waivers: WaiverQueue): () => void {
  const { id } = editor.state.recording;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = (): void => {
    timer = undefined;
    queryClient.fetchQuery({ ...suspicionsQuery(id), staleTime: 0 }).then(
      (found) => !closed && editor.suspicions.receive(found),
      () => undefined, // The frames can be worked on without; the next news ask again.
    );
  };
  const soon = (): void => {
    timer ??= setTimeout(read, GATHER_MS);
  };
  waivers.onSent = soon;
  editor.suspicions.onGivenUp = soon;
  const stopNews = onSuspicions((recordingId) => recordingId === id && soon());
  const stopLooking = watchLooking(editor);
  window.addEventListener('online', soon);
  read();
  return () => {
    closed = true;
    clearTimeout(timer);
    stopNews();
    stopLooking();
    window.removeEventListener('online', soon);
  };
}

const MOVES = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const;

export function watchLooking({ store, looking }: Editor): () => void {
  const shown = (): number | null =>
    document.visibilityState === 'visible' && !store.state.loading ? store.frameId : null;
  let now = shown();
  const look = (): void => {
    const next = shown();
    if (next === now) return;
    now = next;
    looking.show(next);
  };
  const moved = (): void => looking.moved();
  looking.show(now);
  const stop = store.api.subscribe(look);
  document.addEventListener('visibilitychange', look);
  for (const name of MOVES) window.addEventListener(name, moved, { passive: true });
  return () => {
    stop();
    document.removeEventListener('visibilitychange', look);
    for (const name of MOVES) window.removeEventListener(name, moved);
  };
}
