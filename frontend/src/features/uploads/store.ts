import { create } from 'zustand';
import { http } from '@/shared/api/client';
import { errorMessage } from '@/shared/api/problem';
import { forget } from './memory';
import { sendFile } from './send';

type UploadState = 'waiting' | 'sending' | 'reconnecting' | 'done' | 'failed';

export interface UploadItem {
  key: string;
  file: File;
  state: UploadState;
  sent: number;
  /** Known once finished. */
  uploadId: number | null;
  error: string | null;
}

interface UploadStore {
  items: Readonly<Record<string, UploadItem>>;
}

/** Files on their way to the server; lives longer than the page that chose them. */
export const useUploads = create<UploadStore>(() => ({ items: {} }));

const controllers = new Map<string, AbortController>();
const queue: string[] = [];
let running = 0;
let nextKey = 1;
const AT_ONCE = 3;

function patch(key: string, change: Partial<UploadItem>): void {
  useUploads.setState(({ items }) => {
    const item = items[key];
    return item ? { items: { ...items, [key]: { ...item, ...change } } } : {};
  });
}

/** Begins to send a file, or puts it in line; returns the key under which it is found. */
export function addFile(file: File): string {
  const key = `file-${nextKey++}`;
  const item: UploadItem = { key, file, state: 'waiting', sent: 0, uploadId: null, error: null };
  useUploads.setState(({ items }) => ({ items: { ...items, [key]: item } }));
  queue.push(key);
  void next();
  return key;
}

export function retryFile(key: string): void {
  patch(key, { state: 'waiting', error: null });
  queue.push(key);
  void next();
}

/** Stops sending and throws away what the server has of it. */
export function removeFile(key: string): void {
  const item = useUploads.getState().items[key];
  controllers.get(key)?.abort(new DOMException('removed', 'AbortError'));
  useUploads.setState(({ items }) => {
    const { [key]: _removed, ...rest } = items;
    return { items: rest };
  });
  if (item?.uploadId) {
    forget(item.uploadId);
    // Unused uploads expire by themselves; this only frees the space sooner.
    const upload_id = item.uploadId;
    http
      .DELETE('/api/v1/uploads/{upload_id}', { params: { path: { upload_id } } })
      .catch(() => undefined);
  }
}

/** Drops files whose uploads were used by an import. */
export function forgetFiles(fileKeys: readonly string[]): void {
  const { items } = useUploads.getState();
  for (const key of fileKeys) {
    const id = items[key]?.uploadId;
    if (id) forget(id);
  }
  const gone = new Set(fileKeys);
  useUploads.setState({
    items: Object.fromEntries(Object.entries(items).filter(([key]) => !gone.has(key))),
  });
}

async function next(): Promise<void> {
  if (running >= AT_ONCE) return;
  const key = queue.shift();
  if (!key) return;
  const item = useUploads.getState().items[key];
  if (!item) return void next();
  running += 1;
  const controller = new AbortController();
  controllers.set(key, controller);
  try {
    patch(key, { state: 'sending' });
    const upload = await sendFile(item.file, {
      signal: controller.signal,
      onProgress: (sent) => patch(key, { sent }),
      onWaiting: (waiting) => patch(key, { state: waiting ? 'reconnecting' : 'sending' }),
    });
    patch(key, { state: 'done', sent: item.file.size, uploadId: upload.id });
  } catch (error) {
    if (!controller.signal.aborted) patch(key, { state: 'failed', error: errorMessage(error) });
  } finally {
    controllers.delete(key);
    running -= 1;
    void next();
  }
}
