/** Tells the filmstrip what became of changes from an earlier visit. */
import type { FrameItem } from '@/shared/api/types';
import type { SyncQueue } from '../sync/queue';

const TOGETHER_MS = 300;

interface Needs {
  readonly queue: Pick<SyncQueue, 'pendingOf' | 'subscribe'>;
  /** The recording's frames as the server has them now. */
  readonly read: () => Promise<readonly FrameItem[]>;
  readonly show: (item: FrameItem) => void;
  /** Something was taken up for the first time. */
  readonly onFirst: () => void;
}

/**
 * Call it before the queue takes up what earlier visits left: the frames' list was read before
 * these changes were sent, and nobody sees most of their frames. Returns how to stop.
 */
export function showRestored({ queue, read, show, onFirst }: Needs): () => void {
  const restored = new Set<number>();
  const saved = new Set<number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = async (): Promise<void> => {
    const ids = new Set(saved);
    saved.clear();
    const items = await read().catch(() => []);
    for (const item of items) {
      if (ids.has(item.id) && queue.pendingOf(item.id) === 0) show(item);
    }
  };
  const unsubscribe = queue.subscribe({
    onAdopted: (batches) => {
      if (restored.size === 0) onFirst();
      for (const { frameId } of batches) restored.add(frameId);
    },
    onSaved: (frameId) => {
      if (!restored.has(frameId)) return;
      saved.add(frameId);
      clearTimeout(timer);
      timer = setTimeout(() => void refresh(), TOGETHER_MS);
    },
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}
