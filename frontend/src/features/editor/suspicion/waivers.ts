/** People's word on doubted joints on its way to the server: see `sync/letters.ts`. */
import { answer, http } from '@/shared/api/client';
import { NetworkProblem } from '@/shared/api/problem';
import type { Doubt } from '@/shared/domain/rules.gen';
import { ofFrame } from '../frames/requests';
import {
  IndexedDbLetters,
  type Letter,
  type LetterMemory,
  LetterQueue,
  type Waiting,
} from '../sync/letters';
import type { Arrived } from '../sync/ranges';

/** A joint that a person means. */
export interface Place {
  readonly joint: number;
  /** Where it lies; letters of older versions do not say so. */
  readonly x?: number;
  readonly y?: number;
}

/** Joints waved through, or, with `holds` false, put back into the queue. */
export interface WaiverLetter extends Letter, Place {
  readonly frameId: number;
  /** The others that the same word is about; letters of older versions are about one. */
  readonly also?: readonly Place[];
  readonly doubt: Doubt;
  readonly holds: boolean;
  readonly note: string | null;
}

export type WaitingWaiver = Waiting<WaiverLetter>;

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

export const waiversKept = (name = 'infantnet-waivers') => new IndexedDbLetters<WaiverLetter>(name);

const placeIn = ({ joint, x, y }: Place) => ({ joint, x: x ?? null, y: y ?? null });

/** Every joint that a letter is about. */
export const placesIn = ({
  joint,
  x,
  y,
  also = [],
}: Place & Pick<WaiverLetter, 'also'>): readonly Place[] => [
  { joint, ...(x !== undefined && { x }), ...(y !== undefined && { y }) },
  ...also,
];

/**
 * The door to the server. It notes where the joint lies: changes to the frame that came before a
 * person's word on it arrive before it.
 */
export const sendWaiver =
  (arrived: Arrived): SendWaiver =>
  async ({ frameId, operationId, also = [], doubt, holds, note, ...first }) => {
    if (!(await arrived([frameId]))) throw new NetworkProblem(null);
    await answer(
      http.POST('/api/v1/frames/{frame_id}/waivers', {
        params: ofFrame(frameId),
        body: {
          operation_id: operationId,
          ...placeIn(first),
          also: also.map(placeIn),
          doubt,
          holds,
          note,
        },
      }),
    );
  };
