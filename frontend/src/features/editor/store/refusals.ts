/** Changes that the server refused: they stay on this computer, and the frames show how they stand. */
import type { SyncQueue } from '../sync/queue';
import type { EditorStore } from './EditorStore';
import type { Edits } from './Edits';

interface Needs {
  readonly store: EditorStore;
  readonly queue: SyncQueue;
  readonly edits: Edits;
}

/** Follow the queue: the strip shows what the server has, and the person is told once. */
export function followRefusals({ store, queue, edits }: Needs): void {
  const before = store.state.refused;
  const now = queue.refusedFrames();
  const fresh = now.filter((id) => !before.includes(id));
  const gone = before.filter((id) => !now.includes(id));
  if (fresh.length === 0 && gone.length === 0) return;
  store.set({ refused: now });
  for (const id of [...fresh, ...gone]) {
    const document = queue.documentOf(id);
    if (document !== null) edits.patchState(id, document);
  }
  const [first] = fresh;
  if (first === undefined) return;
  const item = store.state.frames.find(({ id }) => id === first);
  const name = item === undefined ? 'A change' : `Frame ${item.position + 1}`;
  const others = fresh.length > 1 ? ` and ${fresh.length - 1} more` : '';
  store.notify(
    `${name}${others} not saved. ${queue.refusedOf(first)} What you did is kept on this computer.`,
    'warn',
  );
}
