// @vitest-environment jsdom

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApiProblem, NetworkProblem } from '@/shared/api/problem';
import type { Upload } from '@/shared/api/types';
import { recall, remember, remembered } from './memory';
import { sendFile, type UploadApi } from './send';

/** A server that keeps bytes, and fails when its script says so. */
class Server {
  bytes = new Uint8Array(0);
  begun = 0;
  known = new Map<number, Upload>();
  faults: (() => void)[] = [];

  readonly api: UploadApi = {
    begin: async (file) => {
      this.begun += 1;
      this.bytes = new Uint8Array(0);
      const upload = {
        id: this.begun,
        filename: file.name,
        size: file.size,
        offset: 0,
        complete: file.size === 0,
      };
      this.known.set(upload.id, upload);
      return upload;
    },
    get: async (id) => this.find(id),
    append: async (id, offset, blob) => {
      const upload = this.find(id);
      this.faults.shift()?.();
      if (offset !== upload.offset) throw new ApiProblem(409, { offset: upload.offset });
      return this.take(upload, await bytesOf(blob));
    },
  };

  find(id: number): Upload {
    const upload = this.known.get(id);
    if (!upload) throw new ApiProblem(404, {});
    return upload;
  }

  take(upload: Upload, more: Uint8Array): Upload {
    const all = new Uint8Array(this.bytes.length + more.length);
    all.set(this.bytes);
    all.set(more, this.bytes.length);
    this.bytes = all;
    const next = { ...upload, offset: all.length, complete: all.length === upload.size };
    this.known.set(upload.id, next);
    return next;
  }
}

/** jsdom's Blob has no arrayBuffer(). */
const bytesOf = (blob: Blob) =>
  new Promise<Uint8Array>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(new Uint8Array(reader.result as ArrayBuffer));
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(blob);
  });

const content = (size: number) => Uint8Array.from({ length: size }, (_, i) => i % 251);
const fileOf = (size: number, name = 'visit.mp4') =>
  new File([content(size)], name, { lastModified: 1 });
const offline = () => {
  throw new NetworkProblem(null);
};
const options = (server: Server) => ({
  uploads: server.api,
  chunkBytes: 10,
  pause: async () => undefined,
});

describe('sending a file', () => {
  beforeEach(() => localStorage.clear());

  it('sends every byte in order', async () => {
    const server = new Server();
    const seen: number[] = [];
    const upload = await sendFile(fileOf(25), {
      ...options(server),
      onProgress: (sent) => seen.push(sent),
    });
    expect(upload.complete).toBe(true);
    expect(server.bytes).toEqual(content(25));
    expect(seen).toEqual([0, 10, 20, 25]);
  });

  it('goes on after a lost connection, wherever the server stopped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 80 }),
        fc.array(fc.constantFrom('fine', 'lost', 'kept', 'broken'), { maxLength: 7 }),
        async (size, script) => {
          localStorage.clear();
          const server = new Server();
          server.faults = script.map((fault) => () => {
            if (fault === 'lost') offline();
            if (fault === 'broken') throw new ApiProblem(503, {});
            if (fault === 'kept') {
              // The bytes arrived, the answer did not.
              const upload = server.find(server.begun);
              const end = Math.min(upload.size, upload.offset + 10);
              server.take(upload, content(size).slice(upload.offset, end));
              offline();
            }
          });
          await sendFile(fileOf(size), options(server));
          expect(server.bytes).toEqual(content(size));
          expect(server.begun).toBe(1);
        },
      ),
    );
  });

  it('resumes after a reload when the same file is chosen again', async () => {
    const server = new Server();
    const first = await server.api.begin(fileOf(25));
    server.take(first, content(25).slice(0, 10));
    remember(fileOf(25), first.id);
    const seen: number[] = [];
    await sendFile(fileOf(25), { ...options(server), onProgress: (sent) => seen.push(sent) });
    expect(server.begun).toBe(1);
    expect(seen[0]).toBe(10);
    expect(server.bytes).toEqual(content(25));
  });

  it('begins anew when the server has dropped the upload', async () => {
    const server = new Server();
    remember(fileOf(25), 77);
    await sendFile(fileOf(25), options(server));
    expect(server.begun).toBe(1);
    expect(recall(fileOf(25))?.id).toBe(1);
  });

  it('does not take another file of the same name for the same one', async () => {
    const server = new Server();
    remember(fileOf(25), 77);
    expect(recall(fileOf(26))).toBeUndefined();
    await sendFile(fileOf(26), options(server));
    expect(server.bytes).toEqual(content(26));
  });

  it('gives up with the reason when the server refuses the file', async () => {
    const server = new Server();
    server.faults = [
      () => {
        throw new ApiProblem(413, { detail: 'visit.mp4 is too large.' });
      },
    ];
    await expect(sendFile(fileOf(25), options(server))).rejects.toThrow('visit.mp4 is too large.');
  });

  it('gives up when the connection stays away', async () => {
    const server = new Server();
    server.faults = Array.from({ length: 50 }, () => offline);
    await expect(sendFile(fileOf(25), options(server))).rejects.toBeInstanceOf(NetworkProblem);
  });

  it('stops when it is told to', async () => {
    const server = new Server();
    const controller = new AbortController();
    server.faults = [() => controller.abort(new DOMException('removed', 'AbortError'))];
    const sending = sendFile(fileOf(25), { ...options(server), signal: controller.signal });
    await expect(sending).rejects.toThrow('removed');
    expect(server.bytes.length).toBeLessThan(25);
  });
});

describe('remembered uploads', () => {
  beforeEach(() => localStorage.clear());

  it('are listed newest first and forgotten after a day', () => {
    const hour = 3600 * 1000;
    remember(fileOf(1, 'old.mp4'), 1, 0);
    remember(fileOf(2, 'a.mp4'), 2, 26 * hour);
    remember(fileOf(3, 'b.mp4'), 3, 27 * hour);
    expect(remembered(28 * hour).map((u) => u.filename)).toEqual(['b.mp4', 'a.mp4']);
    expect(recall(fileOf(1, 'old.mp4'))).toBeUndefined();
  });

  it('survive a broken store', () => {
    localStorage.setItem('infantnet.uploads', '{"broken');
    expect(remembered()).toEqual([]);
  });
});
