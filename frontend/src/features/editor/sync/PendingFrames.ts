/** What waits to be saved, frame by frame, and what can be asked of it. */
import type { Document } from '../document/types';
import type { Batch } from './batch';
import type { Merge } from './merge';
import { newFrame, type PendingFrame, shownDocument } from './pendingFrame';

export class PendingFrames {
  protected readonly frames = new Map<number, PendingFrame>();

  /** What the person sees of a frame, without an open gesture. */
  documentOf(frameId: number): Document | null {
    const frame = this.frames.get(frameId);
    return frame === undefined ? null : shownDocument(frame);
  }

  versionOf(frameId: number): number | null {
    return this.frames.get(frameId)?.acknowledged?.version ?? null;
  }

  pendingOf(frameId: number): number {
    return this.frames.get(frameId)?.batches.length ?? 0;
  }

  /** Whose the server's state of a frame is, by id; null where that is not known. */
  authorOf(frameId: number): number | null {
    return this.frames.get(frameId)?.acknowledged?.by ?? null;
  }

  conflictOf(frameId: number): Merge | null {
    const problem = this.frames.get(frameId)?.problem;
    return problem?.kind === 'conflict' ? problem.merge : null;
  }

  /** Why the server refused what waits of a frame; null where it did not. */
  refusedOf(frameId: number): string | null {
    const problem = this.frames.get(frameId)?.problem;
    return problem?.kind === 'refused' ? problem.message : null;
  }

  /** Frames with changes that the server refused. */
  refusedFrames(): number[] {
    return [...this.frames.keys()].filter((id) => this.refusedOf(id) !== null);
  }

  /** A frame as the server has it, as far as that is known. */
  savedOf(frameId: number): Document | null {
    return this.frames.get(frameId)?.acknowledged?.document ?? null;
  }

  /** Everything that waits here, for a person who wants to keep it elsewhere. */
  pending(): Batch[] {
    return [...this.frames.values()].flatMap((frame) => frame.batches);
  }

  protected frame(frameId: number): PendingFrame {
    let frame = this.frames.get(frameId);
    if (frame === undefined) {
      frame = newFrame();
      this.frames.set(frameId, frame);
    }
    return frame;
  }
}
