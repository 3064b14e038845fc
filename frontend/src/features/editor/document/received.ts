/** A frame's document, as the server sends it. */
import type { Annotation, Candidate } from '@/shared/api/types';
import { makeSkeleton } from './skeleton';
import type { Candidates, Document } from './types';

/** A frame as the server holds it. */
export interface Snapshot {
  readonly version: number;
  readonly document: Document;
}

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
