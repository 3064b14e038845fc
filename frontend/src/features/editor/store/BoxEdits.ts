/** Boxes of one recording: dragging, approving, sending back, asking for a new mask. */

import { answer, http } from '@/shared/api/client';
import { errorMessage, isStatus } from '@/shared/api/problem';
import type { Box, BoxStatus } from '@/shared/api/types';
import { MIN_BOX_PX } from '@/shared/domain/rules.gen';
import { boundsOf } from '../document/skeleton';
import type { FrameCache } from '../frames/FrameCache';
import { builtOn, ofFrame, readFrame } from '../frames/requests';
import type { EditorStore } from './EditorStore';
import { insideImage, type Rectangle } from './geometry';
import type { KnownFrames } from './KnownFrames';

export class BoxEdits {
  /** Earlier rectangles per frame, for undo. */
  private readonly earlier = new Map<number, Rectangle[]>();
  /** One write per frame at a time, so that each names the version that it read. */
  private readonly writes = new Map<number, Promise<void>>();

  constructor(
    private readonly store: EditorStore,
    private readonly cache: FrameCache,
    private readonly frames: KnownFrames,
  ) {}

  get current(): Box | null {
    return this.store.state.frame?.doc.box ?? null;
  }

  get rectangle(): Rectangle | null {
    const { current } = this;
    if (current === null) return null;
    const { x, y, width, height } = current;
    return { x, y, width, height };
  }

  get canEdit(): boolean {
    return this.store.state.recording.can.edit_boxes && this.store.settled;
  }

  /** Whether a box is missing that this person may draw: only kept frames have one. */
  get canDraw(): boolean {
    const kept = this.store.state.document?.decision.verdict === 'keep';
    return this.current === null && kept && this.canEdit;
  }

  get canUndo(): boolean {
    return (this.earlier.get(this.store.frameId ?? -1)?.length ?? 0) > 0;
  }

  /** Resolves when the server has answered to everything that was changed. */
  async saved(): Promise<void> {
    await Promise.all(this.writes.values());
  }

  save(box: Rectangle): void {
    const { frameId } = this.store;
    if (frameId === null || !this.canEdit) return;
    const before = this.rectangle;
    if (before !== null) {
      this.earlier.set(frameId, [...(this.earlier.get(frameId) ?? []), before].slice(-50));
    }
    this.put(frameId, box);
  }

  /** A first box around the joints, for a person to pull out to the infant's outline. */
  aroundJoints(): void {
    const { document, frame } = this.store.state;
    const bounds = boundsOf(document?.skeleton ?? null);
    if (!this.canDraw || frame === null || bounds === null) return;
    const from = insideImage(bounds, frame.doc);
    const to = insideImage({ x: bounds.x + bounds.width, y: bounds.y + bounds.height }, frame.doc);
    const box = { x: from.x, y: from.y, width: to.x - from.x, height: to.y - from.y };
    if (box.width < MIN_BOX_PX || box.height < MIN_BOX_PX) {
      this.store.notify('The joints span no box: draw it with the mouse.', 'warn');
      return;
    }
    this.save(box);
    this.store.notify('Pull the edges out to the infant’s outline, then approve the box.');
  }

  undo(): void {
    const { frameId } = this.store;
    const list = this.earlier.get(frameId ?? -1);
    const box = list?.pop();
    if (frameId !== null && box !== undefined) this.put(frameId, box);
  }

  /** Approve or send back; the filmstrip shows it at once, and again as before if it fails. */
  setStatus(status: BoxStatus): void {
    const { frameId } = this.store;
    if (frameId === null || this.current === null) return;
    const before = this.current;
    this.show(frameId, { ...before, status });
    this.write(frameId, 'The box’s state was not saved', before, (version) =>
      answer(
        http.PUT('/api/v1/frames/{frame_id}/box/status', {
          params: { ...ofFrame(frameId), header: builtOn(version) },
          body: { status },
        }),
      ),
    );
  }

  async rerun(): Promise<void> {
    const { frameId } = this.store;
    if (frameId === null) return;
    try {
      await answer(http.POST('/api/v1/frames/{frame_id}/box/rerun', { params: ofFrame(frameId) }));
      this.store.notify('A new mask is being made; it appears here when it is ready.');
    } catch (error) {
      this.store.notify(`No new mask: ${errorMessage(error)}`, 'warn');
    }
  }

  /** A box has a new version: a mask was made again, or somebody dragged it. */
  announced(frameId: number, version: number): void {
    const known = this.cache.document(frameId);
    if (known === null || (known.box?.version ?? -1) >= version) return;
    const queued = (this.writes.get(frameId) ?? Promise.resolve()).then(async () => {
      const now = this.cache.document(frameId);
      if (now === null || (now.box?.version ?? -1) >= version) return;
      const fresh = await readFrame(frameId).catch(() => null);
      if (fresh !== null) this.show(frameId, fresh.box);
    });
    this.writes.set(frameId, queued);
  }

  private put(frameId: number, box: Rectangle): void {
    const before = this.current;
    this.show(frameId, { ...(before ?? FIRST), ...box, origin: 'human' });
    this.write(frameId, 'The box was not saved', before, (version) =>
      answer(
        http.PUT('/api/v1/frames/{frame_id}/box', {
          params: { ...ofFrame(frameId), header: builtOn(version) },
          body: box,
        }),
      ),
    );
  }

  private write(
    frameId: number,
    failed: string,
    before: Box | null,
    request: (version: number | null) => Promise<Box>,
  ): void {
    const run = async (): Promise<void> => {
      // A first box has no version before the server has it.
      const version = this.cache.document(frameId)?.box?.version || null;
      try {
        this.show(frameId, await request(version));
      } catch (error) {
        if (isStatus(error, 412)) {
          const fresh = await readFrame(frameId).catch(() => null);
          if (fresh !== null) this.show(frameId, fresh.box);
          this.store.notify('Somebody else changed this box: it is shown as it is now.', 'warn');
          return;
        }
        this.show(frameId, before);
        this.store.notify(`${failed}: ${errorMessage(error)}`, 'warn');
      }
    };
    const queued = (this.writes.get(frameId) ?? Promise.resolve()).then(run);
    this.writes.set(frameId, queued);
  }

  private show(frameId: number, box: Box | null): void {
    this.frames.patch(frameId, (doc) => ({ ...doc, box }));
    this.frames.patchItem(frameId, {
      box: box && {
        flagged: box.flagged,
        stale: box.stale,
        status: box.status,
        consistency: box.consistency,
      },
    });
  }
}

/** What a person's first box is until the server has answered; no version yet. */
const FIRST: Omit<Box, keyof Rectangle> = {
  version: 0,
  status: 'proposed',
  origin: 'human',
  flagged: false,
  stale: false,
  consistency: null,
  attempts: [],
  model: null,
  simulated: false,
  has_mask: false,
  mask_area: null,
  mask_score: null,
  mask_url: null,
  updated_at: '',
};
