/** Boxes of one recording: dragging, approving, sending back, asking for a new mask. */

import { answer, http } from '@/shared/api/client';
import { errorMessage } from '@/shared/api/problem';
import type { Box, BoxStatus } from '@/shared/api/types';
import { MIN_BOX_PX } from '@/shared/domain/rules.gen';
import { candidatesOf, snapshotOf } from '../document/received';
import { boundsOf } from '../document/skeleton';
import type { Operation } from '../document/types';
import type { FrameCache } from '../frames/FrameCache';
import { ofFrame, readFrame } from '../frames/requests';
import type { SyncQueue } from '../sync/queue';
import { boxIn } from './boxShown';
import type { EditorStore } from './EditorStore';
import type { Edits } from './Edits';
import { insideImage, type Rectangle } from './geometry';
import type { KnownFrames } from './KnownFrames';
import { leftOutHint } from './leftOut';

export interface BoxEditsNeeds {
  readonly store: EditorStore;
  readonly queue: SyncQueue;
  readonly cache: FrameCache;
  readonly frames: KnownFrames;
  readonly edits: Edits;
}

export class BoxEdits {
  constructor(private readonly needs: BoxEditsNeeds) {}

  get current(): Box | null {
    return boxIn(this.needs.store.state);
  }

  get rectangle(): Rectangle | null {
    const { current } = this;
    if (current === null) return null;
    const { x, y, width, height } = current;
    return { x, y, width, height };
  }

  get canEdit(): boolean {
    return this.needs.edits.may([{ type: 'setBox', box: null }]);
  }

  /** Whether a box is missing that this person may draw: only kept frames have one. */
  get canDraw(): boolean {
    const kept = this.needs.store.state.document?.decision.verdict === 'keep';
    return this.current === null && kept && this.canEdit;
  }

  /** Whether the box is older than the joints and may be kept as it is. */
  get canKeep(): boolean {
    return this.current?.stale === true && this.canEdit;
  }

  /** Put the box where a person drew it; an annotator's is to be looked at again. */
  save({ x, y, width, height }: Rectangle): void {
    if (!this.canEdit) return;
    const { current } = this;
    const drawn: Operation = { type: 'drawBox', x, y, width, height };
    const judged = current !== null && current.status !== 'proposed';
    const again: Operation[] =
      judged && this.needs.store.state.mode === 'annotate'
        ? [{ type: 'judgeBox', status: 'proposed' }]
        : [];
    const words = current === null ? 'Draw the box' : 'Move the box';
    const done = this.needs.edits.perform([drawn, ...again], words);
    const { document, frame } = this.needs.store.state;
    const hint =
      done && frame !== null
        ? leftOutHint({ x, y, width, height }, document?.skeleton ?? null, frame.doc)
        : null;
    if (hint !== null) this.needs.store.notify(hint, 'warn');
  }

  /** A first box around the joints, for a person to pull out to the infant's outline. */
  aroundJoints(): void {
    const { document, frame } = this.needs.store.state;
    const bounds = boundsOf(document?.skeleton ?? null);
    if (!this.canDraw || frame === null || bounds === null) return;
    const from = insideImage(bounds, frame.doc);
    const to = insideImage({ x: bounds.x + bounds.width, y: bounds.y + bounds.height }, frame.doc);
    const box = { x: from.x, y: from.y, width: to.x - from.x, height: to.y - from.y };
    if (box.width < MIN_BOX_PX || box.height < MIN_BOX_PX) {
      this.needs.store.notify('The joints span no box: draw it with the mouse.', 'warn');
      return;
    }
    this.save(box);
    this.needs.store.notify('Pull the edges out to the infant’s outline, then approve the box.');
  }

  /** Say that a box which is older than the joints still fits: from now on it is a person's. */
  keep(): void {
    const { rectangle, canKeep } = this;
    if (!canKeep || rectangle === null) return;
    this.save(rectangle);
    this.needs.store.notify('The box is kept for the joints as they are now, without a mask.');
  }

  /** Approve, send back, or take the judgement back; false if it does not fit. */
  judge(status: BoxStatus): boolean {
    return this.needs.edits.perform([{ type: 'judgeBox', status }], JUDGED[status]);
  }

  async rerun(): Promise<void> {
    const { frameId } = this.needs.store;
    if (frameId === null) return;
    try {
      await answer(http.POST('/api/v1/frames/{frame_id}/box/rerun', { params: ofFrame(frameId) }));
      this.needs.store.notify('A new mask is being made; it appears here when it is ready.');
    } catch (error) {
      this.needs.store.notify(`No new mask was made: ${errorMessage(error)}`, 'warn');
    }
  }

  /** A box has a new version: a mask was made again, or somebody dragged it. */
  async announced(frameId: number, version: number): Promise<void> {
    const { queue, cache, frames, edits } = this.needs;
    const known = cache.document(frameId);
    const waits = (): boolean => queue.pendingOf(frameId) > 0;
    // What waits here meets it when it is sent.
    if (known === null || (known.box?.version ?? -1) >= version || waits()) return;
    const fresh = await readFrame(frameId).catch(() => null);
    if (fresh === null || waits()) return;
    frames.patch(frameId, (doc) => ({ ...doc, box: fresh.box, annotation: fresh.annotation }));
    edits.adopt(frameId, snapshotOf(fresh), candidatesOf(fresh.candidates));
  }
}

const JUDGED = {
  proposed: 'Clear the mark on the box',
  approved: 'Approve the box',
  sent_back: 'Send the box back',
} as const;
