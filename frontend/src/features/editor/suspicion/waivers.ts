/** People's word on doubted joints on its way to the server: see `sync/letters.ts`. */
import { answer, http } from '@/shared/api/client';
import type { Doubt } from '@/shared/domain/rules.gen';
import { ofFrame } from '../frames/requests';
import { IndexedDbLetters, type Letter, type LetterMemory, LetterQueue } from '../sync/letters';

/** A joint waved through, or, with `holds` false, put back into the queue. */
export interface WaiverLetter extends Letter {
  readonly frameId: number;
  readonly joint: number;
  /** Where it lies: the word may overtake the save that brings it there. */
  readonly x?: number;
  readonly y?: number;
  readonly doubt: Doubt;
  readonly holds: boolean;
  readonly note: string | null;
}

export type SendWaiver = (letter: WaiverLetter) => Promise<void>;

export class WaiverQueue extends LetterQueue<WaiverLetter, void> {
  constructor(options: {
    readonly send: SendWaiver;
    readonly memory: LetterMemory<WaiverLetter>;
    readonly userId: number;
  }) {
    super({
      ...options,
      stillWaiting: 'What you waved through is still waiting on this computer.',
    });
  }
}

export const waiversKept = () => new IndexedDbLetters<WaiverLetter>('infantnet-waivers');

/** The door to the server. */
export const sendWaiver: SendWaiver = async ({
  frameId,
  operationId,
  joint,
  x,
  y,
  doubt,
  holds,
  note,
}) => {
  await answer(
    http.POST('/api/v1/frames/{frame_id}/waivers', {
      params: ofFrame(frameId),
      body: { operation_id: operationId, joint, x: x ?? null, y: y ?? null, doubt, holds, note },
    }),
  );
};
