/** Acts on postures on their way to the server: see `letters.ts`. */
import { answer, http } from '@/shared/api/client';
import type { PostureProposals, Postures } from '@/shared/api/types';
import { builtOn } from '../frames/requests';
import type { Stroke } from '../postures/timeline';
import {
  IndexedDbLetters,
  type Letter,
  type LetterMemory,
  LetterQueue,
  type Waiting,
} from './letters';

/** One act that the server may not have yet; `version` is what its writer saw. */
export interface PostureLetter extends Letter {
  readonly version: number;
  readonly strokes: readonly Stroke[];
}

export type WaitingPostures = Waiting<PostureLetter>;

export type SendPostures = (letter: PostureLetter) => Promise<Postures>;

export class PostureQueue extends LetterQueue<PostureLetter, Postures> {
  constructor(options: {
    readonly send: SendPostures;
    readonly memory: LetterMemory<PostureLetter>;
    readonly userId: number;
  }) {
    super({
      ...options,
      stillWaiting:
        'Postures are still waiting on this computer; the lane under the frames says why.',
    });
  }
}

export const posturesKept = (name = 'infantnet-postures') =>
  new IndexedDbLetters<PostureLetter>(name);

/** The door to the server. */
export const sendPostures: SendPostures = ({ recordingId, strokes, version, operationId }) =>
  answer(
    http.POST('/api/v1/recordings/{recording_id}/postures', {
      params: { path: { recording_id: recordingId }, header: builtOn(version) },
      body: {
        operation_id: operationId,
        strokes: strokes.map(({ first, last, label, origin }) => ({
          first,
          last,
          group: label?.group ?? null,
          posture: label?.posture ?? null,
          origin,
        })),
      },
    }),
  );

export const readProposals = (recordingId: number): Promise<PostureProposals> =>
  answer(
    http.GET('/api/v1/recordings/{recording_id}/postures/proposals', {
      params: { path: { recording_id: recordingId } },
    }),
  );

export const readPostures = (recordingId: number): Promise<Postures> =>
  answer(
    http.GET('/api/v1/recordings/{recording_id}/postures', {
      params: { path: { recording_id: recordingId } },
    }),
  );
