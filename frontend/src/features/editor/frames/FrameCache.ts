/** Frames that are ready to be shown: their documents, and their images decoded ahead of time. */
import type { FrameDocument } from '@/shared/api/types';
import { candidatesOf } from '../document/received';
import type { Candidates } from '../document/types';

export type FrameImage = ImageBitmap | HTMLImageElement;

export interface LoadedFrame {
  readonly doc: FrameDocument;
  readonly candidates: Candidates;
  readonly image: FrameImage;
}

export interface FrameLoader {
  document(id: number): Promise<FrameDocument>;
  image(url: string): Promise<FrameImage>;
}

interface Entry {
  doc: FrameDocument | null;
  candidates: Candidates;
  image: FrameImage | null;
  loading: Promise<LoadedFrame> | null;
}

/** Decoded images kept, in bytes: about thirty frames of 1080p. */
const IMAGE_BUDGET = 256 * 2 ** 20;
const DOCUMENT_BUDGET = 2000;
const PARALLEL = 4;

export class FrameCache {
  /** In order of last use. */
  private readonly entries = new Map<number, Entry>();
  private wanted: readonly number[] = [];
  private running = 0;
  private closed = false;

  constructor(private readonly loader: FrameLoader) {}

  /** The frame if it can be painted right now. */
  peek(id: number): LoadedFrame | null {
    const entry = this.entries.get(id);
    return entry?.doc && entry.image
      ? { doc: entry.doc, candidates: entry.candidates, image: entry.image }
      : null;
  }

  /** The frame's document if it is known, with or without its image. */
  document(id: number): FrameDocument | null {
    return this.entries.get(id)?.doc ?? null;
  }

  async load(id: number): Promise<LoadedFrame> {
    const ready = this.peek(id);
    const entry = this.touch(id);
    if (ready !== null) return ready;
    entry.loading ??= this.fetch(id, entry).finally(() => {
      entry.loading = null;
    });
    return entry.loading;
  }

  /** Make these frames ready, the most wanted first; what is not listed may be dropped. */
  prefetch(ids: readonly number[]): void {
    this.wanted = ids;
    this.pump();
  }

  /** Change what is known of a frame after something was saved. */
  update(id: number, change: (doc: FrameDocument) => FrameDocument): void {
    const entry = this.entries.get(id);
    if (entry?.doc) entry.doc = change(entry.doc);
  }

  /** Forget a frame's document, because somebody else changed it; the image never changes. */
  invalidate(id: number): void {
    const entry = this.entries.get(id);
    if (entry) entry.doc = null;
  }

  invalidateAll(): void {
    for (const entry of this.entries.values()) entry.doc = null;
  }

  close(): void {
    this.closed = true;
    this.wanted = [];
    for (const entry of this.entries.values()) release(entry);
    this.entries.clear();
  }

  private pump(): void {
    for (const id of this.wanted) {
      if (this.running >= PARALLEL || this.closed) return;
      const entry = this.entries.get(id);
      if (entry?.loading || this.peek(id) !== null) continue;
      this.running++;
      this.load(id)
        .catch(() => {
          // Prefetching is a favour; whoever opens the frame meets the error and can try again.
          this.wanted = this.wanted.filter((other) => other !== id);
        })
        .finally(() => {
          this.running--;
          this.pump();
        });
    }
  }

  private async fetch(id: number, entry: Entry): Promise<LoadedFrame> {
    const doc = entry.doc ?? (await this.loader.document(id));
    const candidates = candidatesOf(doc.candidates);
    const image = entry.image ?? (await this.loader.image(doc.image_url));
    if (this.closed) {
      release({ ...entry, image });
    } else {
      entry.doc = doc;
      entry.candidates = candidates;
      entry.image = image;
      this.evict(id);
    }
    return { doc, candidates, image };
  }

  private touch(id: number): Entry {
    const entry: Entry = this.entries.get(id) ?? {
      doc: null,
      candidates: new Map(),
      image: null,
      loading: null,
    };
    this.entries.delete(id);
    this.entries.set(id, entry);
    return entry;
  }

  private evict(current: number): void {
    const keep = new Set([current, ...this.wanted]);
    let bytes = 0;
    let documents = 0;
    for (const entry of this.entries.values()) {
      bytes += bytesOf(entry);
      documents += entry.doc ? 1 : 0;
    }
    for (const [id, entry] of this.entries) {
      if (bytes <= IMAGE_BUDGET && documents <= DOCUMENT_BUDGET) return;
      if (keep.has(id) || entry.loading) continue;
      bytes -= bytesOf(entry);
      release(entry);
      if (documents > DOCUMENT_BUDGET) {
        documents -= 1;
        this.entries.delete(id);
      }
    }
  }
}

const bytesOf = (entry: Entry): number =>
  entry.image === null ? 0 : entry.image.width * entry.image.height * 4;

function release(entry: Entry): void {
  if (entry.image !== null && 'close' in entry.image) entry.image.close();
  entry.image = null;
}
