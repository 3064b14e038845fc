/** Ties the queue of doubted joints and the clock of looking to the server and the page. */
import { onSuspicions } from '@/shared/api/events';
import { suspicionsQuery } from '@/shared/api/queries/suspicions';
import { queryClient } from '@/shared/api/queryClient';
import type { Editor } from '../store/Editor';
import type { EditorState } from '../store/state';
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
  editor.suspicions.onAsked = soon;
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

/** The frames whose pictures are there: the one that is worked in, and the other cameras'. */
function framesOnScreen({ frame, loading, panes }: EditorState): number[] {
  const shown = [{ frame, loading }, ...panes.values()];
  return shown.flatMap((pane) => (pane.loading || pane.frame === null ? [] : [pane.frame.doc.id]));
}

const MOVES = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const;

export function watchLooking({ store, looking }: Editor): () => void {
  const shown = (): readonly number[] =>
    document.visibilityState === 'visible' ? framesOnScreen(store.state) : [];
  let now = shown();
  let from = store.state;
  const look = (): void => {
    const { frame, loading, panes } = store.state;
    const same = frame === from.frame && loading === from.loading && panes === from.panes;
    if (same && now.length > 0 && document.visibilityState === 'visible') return;
    from = store.state;
    const next = shown();
    if (next.length === now.length && next.every((id, i) => id === now[i])) return;
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
