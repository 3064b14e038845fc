import { answer, http } from '@/shared/api/client';
import { ApiProblem, isStatus, NetworkProblem } from '@/shared/api/problem';
import type { Upload } from '@/shared/api/types';
import { forget, recall, remember } from './memory';

const CHUNK_BYTES = 8 * 1024 * 1024;
const MAX_FAILURES = 8;
const MAX_WAIT_MS = 30_000;

/** How the bytes get there; the HTTP interface, or a stand-in on the test bench. */
export interface UploadApi {
  begin: (file: File) => Promise<Upload>;
  get: (id: number) => Promise<Upload>;
  append: (id: number, offset: number, bytes: Blob, signal?: AbortSignal) => Promise<Upload>;
}

const of = (id: number) => ({ path: { upload_id: id } });

const httpUploads: UploadApi = {
  begin: (file) =>
    answer(http.POST('/api/v1/uploads', { body: { filename: file.name, size: file.size } })),
  get: (id) => answer(http.GET('/api/v1/uploads/{upload_id}', { params: of(id) })),
  append: (id, offset, bytes, signal) =>
    answer(
      http.PATCH('/api/v1/uploads/{upload_id}', {
        params: { ...of(id), header: { 'upload-offset': offset } },
        headers: { 'Content-Type': 'application/octet-stream' },
        // The description has no word for bytes but `string`.
        body: bytes as unknown as string,
        bodySerializer: () => bytes,
        signal,
      }),
    ),
};

export interface SendOptions {
  onProgress?: (offset: number) => void;
  /** Called with true while the connection is lost and tried again. */
  onWaiting?: (waiting: boolean) => void;
  signal?: AbortSignal;
  chunkBytes?: number;
  uploads?: UploadApi;
  /** Waits between attempts; replaced where time must not pass. */
  pause?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * Sends a file in chunks and goes on where an earlier attempt stopped: after a lost connection, a
 * restarted server, or a reloaded page (the same file must be chosen again).
 *
 * @returns the finished upload.
 * @throws ApiProblem when the server refuses the file, NetworkProblem after many failures in a row,
 * the signal's reason when it is aborted.
 */
export async function sendFile(file: File, options: SendOptions = {}): Promise<Upload> {
  const { uploads = httpUploads, pause = wait, chunkBytes = CHUNK_BYTES, signal } = options;
  let failures = 0;
  let upload: Upload | undefined;
  for (;;) {
    signal?.throwIfAborted();
    try {
      upload = upload ?? (await resumeOrBegin(file, uploads));
      options.onWaiting?.(false);
      options.onProgress?.(upload.offset);
      // An empty file has no chunk; it is refused here, in the words of the server, or complete.
      if (upload.complete) return upload;
      const bytes = file.slice(upload.offset, upload.offset + chunkBytes);
      upload = await uploads.append(upload.id, upload.offset, bytes, signal);
      failures = 0;
    } catch (error) {
      signal?.throwIfAborted();
      if (isStatus(error, 404) && upload) {
        // Dropped by the server meanwhile: begin anew.
        forget(upload.id);
        upload = undefined;
        failures += 1;
        if (failures > MAX_FAILURES) throw error;
        continue;
      }
      if (!isPassing(error)) throw error;
      failures += 1;
      if (failures > MAX_FAILURES) throw error;
      options.onWaiting?.(true);
      if (!isStatus(error, 409)) {
        await pause(Math.min(MAX_WAIT_MS, 500 * 2 ** (failures - 1)), signal);
      }
      upload = await refreshed(upload, uploads);
    }
  }
}

async function resumeOrBegin(file: File, uploads: UploadApi): Promise<Upload> {
  const known = recall(file);
  if (known) {
    try {
      return await uploads.get(known.id);
    } catch (error) {
      if (!isStatus(error, 404) && !isStatus(error, 403)) throw error;
      forget(known.id);
    }
  }
  const upload = await uploads.begin(file);
  remember(file, upload.id);
  return upload;
}

/** Asks where to go on; while the server is away, nothing is known and the next attempt asks. */
async function refreshed(upload: Upload | undefined, uploads: UploadApi) {
  if (!upload) return undefined;
  try {
    return await uploads.get(upload.id);
  } catch (error) {
    if (isPassing(error) || isStatus(error, 404)) return undefined;
    throw error;
  }
}

/** A fault that another attempt may not meet: no connection, a broken server, another offset. */
function isPassing(error: unknown): boolean {
  if (error instanceof NetworkProblem) return true;
  if (!(error instanceof ApiProblem)) return false;
  return error.status >= 500 || (error.status === 409 && typeof error.body.offset === 'number');
}

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
