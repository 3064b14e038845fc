/** The queue's door to the server. */
import { answer, http } from '@/shared/api/client';
import { keepSaved } from '@/shared/api/offline';
import { ApiProblem } from '@/shared/api/problem';
import type { components } from '@/shared/api/schema.gen';
import type { SavedFrame } from '@/shared/api/types';
import { candidatesOf, snapshotOfAnswer } from '../document/received';
import type { Candidates } from '../document/types';
import { builtOn, ofFrame, readFrame } from '../frames/requests';
import type { Batch, SendResult, Transport } from './batch';

/** The same operations as the interface has them: it does not promise to leave them alone. */
type OperationsIn = components['schemas']['OperationsIn'];

/** Statuses after which the same request may well succeed later. */
const PASSING = new Set([408, 425, 429]);

const KEEPALIVE_LIMIT = 60_000;

export class HttpTransport implements Transport {
  async send(batch: Batch): Promise<SendResult> {
    const operations = batch.operations as OperationsIn['operations'];
    const box_version = batch.baseBoxVersion ?? null;
    const looked = batch.secondsShown;
    const body = {
      operation_id: batch.operationId,
      operations,
      box_version,
      ...(looked === undefined ? {} : { seconds_shown: looked }),
    };
    try {
      const saved = await answer(
        http.POST('/api/v1/frames/{frame_id}/operations', {
          params: { ...ofFrame(batch.frameId), header: builtOn(batch.baseVersion) },
          body,
          // Lets the save outlive the page, which browsers allow up to 64 KiB.
          keepalive: JSON.stringify(body).length < KEEPALIVE_LIMIT,
        }),
      );
      void keepSaved(batch.frameId, saved).catch(() => undefined);
      return { kind: 'saved', snapshot: snapshotOfAnswer(saved) };
    } catch (error) {
      return resultOf(error);
    }
  }

  async candidates(frameId: number): Promise<Candidates> {
    return candidatesOf((await readFrame(frameId)).candidates);
  }
}

type NotSaved = Extract<SendResult, { kind: 'unreachable' | 'signed-out' | 'refused' }>;

/** Whether a failed request may well succeed later, or a person must look. */
export function whyNotSaved(error: unknown): NotSaved {
  if (!(error instanceof ApiProblem) || error.status >= 500 || PASSING.has(error.status)) {
    return { kind: 'unreachable' };
  }
  if (error.status === 401) return { kind: 'signed-out' };
  return { kind: 'refused', message: error.detail };
}

/** What a failed request means for the changes: they wait, they merge, or a person must look. */
export function resultOf(error: unknown): SendResult {
  if (error instanceof ApiProblem && error.status === 412) {
    const { current, base } = error.body as { current?: SavedFrame; base?: SavedFrame | null };
    if (current) {
      const known = base ? snapshotOfAnswer(base) : null;
      return { kind: 'stale', current: snapshotOfAnswer(current), base: known };
    }
  }
  return whyNotSaved(error);
}
