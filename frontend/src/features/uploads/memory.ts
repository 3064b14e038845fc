import { pathOf } from './paths';

/**
 * Which uploads are under way, by file. A page cannot keep a file over a reload, but it can keep
 * the upload's id: choosing the same file again goes on where the last one stopped.
 */
export interface RememberedUpload {
  id: number;
  filename: string;
  size: number;
  /** Milliseconds since 1970, to forget what the server has long dropped. */
  since: number;
}

const STORAGE_KEY = 'infantnet.uploads';
const FORGET_AFTER_MS = 24 * 3600 * 1000;

type Memory = Record<string, RememberedUpload>;

export interface FileFacts {
  name: string;
  size: number;
  lastModified: number;
}

/**
 * A file's identity without reading it. The folder counts where one was chosen: cameras write
 * files of the same names.
 */
function fingerprint(file: FileFacts): string {
  const name = file instanceof File ? pathOf(file) : file.name;
  return `${name}\u0000${file.size}\u0000${file.lastModified}`;
}

function read(storage: Storage): Memory {
  try {
    const value: unknown = JSON.parse(storage.getItem(STORAGE_KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Memory) : {};
  } catch {
    return {};
  }
}

function write(storage: Storage, memory: Memory): void {
  try {
    storage.setItem(STORAGE_KEY, JSON.stringify(memory));
  } catch {
    // Storage is full or off: the upload works, it only cannot be resumed after a reload.
  }
}

export function remember(file: FileFacts, id: number, now = Date.now(), storage = localStorage) {
  const memory = read(storage);
  memory[fingerprint(file)] = { id, filename: file.name, size: file.size, since: now };
  write(storage, memory);
}

export function recall(file: FileFacts, storage = localStorage): RememberedUpload | undefined {
  return read(storage)[fingerprint(file)];
}

/** Drops one upload: it was used, or the server does not know it any more. */
export function forget(id: number, storage = localStorage): void {
  const kept = Object.entries(read(storage)).filter(([, upload]) => upload.id !== id);
  write(storage, Object.fromEntries(kept));
}

/** Uploads that were begun and not used yet, newest first. */
export function remembered(now = Date.now(), storage = localStorage): RememberedUpload[] {
  const memory = read(storage);
  const fresh = Object.entries(memory).filter(([, u]) => now - u.since < FORGET_AFTER_MS);
  if (fresh.length < Object.keys(memory).length) write(storage, Object.fromEntries(fresh));
  return fresh.map(([, upload]) => upload).sort((a, b) => b.since - a.since);
}
