/** The queue's door to the server. */
import { api, send } from '@/shared/api/client';
import { ApiProblem } from '@/shared/api/problem';
import type { Annotation, Candidate, FrameDocument } from '@/shared/api/types';
import { makeSkeleton } from '../document/skeleton';
import type { Candidates, Document } from '../document/types';
import type { Batch, SendResult, Snapshot, Transport } from './batch';

function documentOf(annotation: Annotation): Document {
  return {
    candidateId: annotation.candidate_id,
    skeleton: annotation.joints === null ? null : makeSkeleton(annotation.joints),
    decision: {
      verdict: annotation.verdict,
      reason: annotation.reason,
      text: annotation.reason_text,
    },
  };
}

export const snapshotOf = (annotation: Annotation): Snapshot => ({
  version: annotation.version,
  document: documentOf(annotation),
});

export const candidatesOf = (candidates: readonly Candidate[]): Candidates =>
  new Map(candidates.map((candidate) => [candidate.id, makeSkeleton(candidate.joints)]));

/** Statuses after which the same request may well succeed later. */
const PASSING = new Set([408, 425, 429]);

const KEEPALIVE_LIMIT = 60_000;

export class HttpTransport implements Transport {
  async send(batch: Batch): Promise<SendResult> {
    const body = { operation_id: batch.operationId, operations: batch.operations };
    try {
      const answer = await send<Annotation>('POST', `/frames/${batch.frameId}/operations`, {
        body,
        headers: { 'If-Match': `"${batch.baseVersion}"` },
        // Lets the save outlive the page, which browsers allow up to 64 KiB.
        keepalive: JSON.stringify(body).length < KEEPALIVE_LIMIT,
      });
      return { kind: 'saved', snapshot: snapshotOf(answer.data) };
    } catch (error) {
      return resultOf(error);
    }
  }

  async candidates(frameId: number): Promise<Candidates> {
    return candidatesOf((await api.get<FrameDocument>(`/frames/${frameId}`)).candidates);
  }
}

/** What a failed request means for the changes: they wait, they merge, or a person must look. */
function resultOf(error: unknown): SendResult {
  if (!(error instanceof ApiProblem) || error.status >= 500 || PASSING.has(error.status)) {
    return { kind: 'unreachable' };
  }
  if (error.status === 401) return { kind: 'signed-out' };
  if (error.status === 412) {
    const { current, base } = error.body as { current?: Annotation; base?: Annotation | null };
    if (current) {
      const known = base ? snapshotOf(base) : null;
      return { kind: 'stale', current: snapshotOf(current), base: known };
    }
  }
  return { kind: 'refused', message: error.detail };
}
