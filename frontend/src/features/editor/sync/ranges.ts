/** Acts on many frames on their way to the server: see `letters.ts`. */
import { answer, http } from '@/shared/api/client';
import { NetworkProblem } from '@/shared/api/problem';
import type { RangeDone } from '@/shared/api/types';
import type { DiscardReason, Verdict } from '@/shared/domain/rules.gen';
import {
  IndexedDbLetters,
  type Letter,
  type LetterMemory,
  LetterQueue,
  type Waiting,
} from './letters';

/** What is done to the frames of a letter. */
export type RangeAct =
  | {
      readonly kind: 'verdict';
      readonly verdict: Verdict;
      readonly reason: DiscardReason | null;
      readonly text: string | null;
      readonly proposalId: number | null;
    }
  | { readonly kind: 'accept'; readonly fps: number }
  | { readonly kind: 'undo'; readonly of: string }
  | { readonly kind: 'proposal'; readonly id: number; readonly state: 'refused' | 'open' };

/** An act that the server may not have yet. */
export interface RangeLetter extends Letter {
  readonly act: RangeAct;
  readonly frames: readonly number[];
  /** What was read of each frame; null where one's own change to it was still on its way. */
  readonly versions: readonly (number | null)[];
}

export type WaitingRange = Waiting<RangeLetter>;
export type SendRange = (letter: RangeLetter) => Promise<RangeDone | null>;

export class RangeQueue extends LetterQueue<RangeLetter, RangeDone | null> {
  constructor(options: {
    readonly send: SendRange;
    readonly memory: LetterMemory<RangeLetter>;
    readonly userId: number;
  }) {
    super({
      ...options,
      stillWaiting: 'An act on a range of frames is still waiting on this computer.',
    });
  }
}

export const rangesKept = (name = 'infantnet-ranges') => new IndexedDbLetters<RangeLetter>(name);

/** Whether the server has the changes to single frames that came before an act on them. */
export type Arrived = (frames: readonly number[]) => Promise<boolean>;

/**
 * The door to the server. Changes to single frames of the range come before it: while one of them
 * waits, so does the range.
 */
export const sendRange =
  (arrived: Arrived): SendRange =>
  async ({ act, recordingId, operationId, frames, versions }) => {
    if (!(await arrived(frames))) throw new NetworkProblem(null);
    const params = { path: { recording_id: recordingId } };
    const range = { operation_id: operationId, frames: [...frames], versions: [...versions] };
    switch (act.kind) {
      case 'verdict': {
        const { verdict, reason, text, proposalId: proposal_id } = act;
        const body = { ...range, verdict, reason, text, proposal_id };
        return answer(
          http.POST('/api/v1/recordings/{recording_id}/ranges/verdict', { params, body }),
        );
      }
      case 'accept': {
        const body = { ...range, fps: act.fps };
        return answer(
          http.POST('/api/v1/recordings/{recording_id}/ranges/accept', { params, body }),
        );
      }
      case 'undo': {
        const body = { operation_id: operationId, act: act.of };
        return answer(http.POST('/api/v1/recordings/{recording_id}/ranges/undo', { params, body }));
      }
      case 'proposal':
        await answer(
          http.PUT('/api/v1/recordings/{recording_id}/discard-proposals/{proposal_id}', {
            params: { path: { recording_id: recordingId, proposal_id: act.id } },
            body: { state: act.state },
          }),
        );
        return null;
    }
  };
