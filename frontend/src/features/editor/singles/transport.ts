/** The queue's door for single frames: answers go to the person's attempt, never to the frame. */
import { answer, http } from '@/shared/api/client';
import type { components } from '@/shared/api/schema.gen';
import type { FrameDocument } from '@/shared/api/types';
import { candidatesOf, snapshotOfAnswer } from '../document/received';
import type { Candidates } from '../document/types';
import { builtOn } from '../frames/requests';
import type { Batch, SendResult, Transport } from '../sync/batch';
import { resultOf } from '../sync/transport';

/** Changes to single frames are kept apart from those to frames: their numbers mean other things. */
export const SINGLES_DATABASE = 'infantnet-singles';

export type Feedback = components['schemas']['FeedbackOut'];
export type Training = components['schemas']['TrainingOut'];
export type SingleFrame = components['schemas']['SingleFrame'];

const of = (id: number) => ({ path: { attempt_id: id } });

export const readSingle = (id: number): Promise<FrameDocument> =>
  answer(http.GET('/api/v1/attempts/{attempt_id}', { params: of(id) }));

export const handIn = (id: number) =>
  answer(http.POST('/api/v1/attempts/{attempt_id}/close', { params: of(id) }));

export const takeStack = () => answer(http.POST('/api/v1/attempts/stack'));

export const takeTraining = () => answer(http.POST('/api/v1/attempts/training'));

export class SinglesTransport implements Transport {
  async send(batch: Batch): Promise<SendResult> {
    const operations = batch.operations as components['schemas']['OperationsIn']['operations'];
    const body = {
      operation_id: batch.operationId,
      operations,
      ...(batch.secondsShown === undefined ? {} : { seconds_shown: batch.secondsShown }),
    };
    try {
      const saved = await answer(
        http.POST('/api/v1/attempts/{attempt_id}/operations', {
          params: { ...of(batch.frameId), header: builtOn(batch.baseVersion) },
          body,
          keepalive: true,
        }),
      );
      return { kind: 'saved', snapshot: snapshotOfAnswer(saved) };
    } catch (error) {
      return resultOf(error);
    }
  }

  async candidates(id: number): Promise<Candidates> {
    return candidatesOf((await readSingle(id)).candidates);
  }
}
