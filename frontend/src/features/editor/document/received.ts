/** A frame's document, as the server sends it. */
import type {
  Annotation,
  Box,
  Candidate,
  FrameDocument,
  Mark,
  SavedFrame,
} from '@/shared/api/types';
import { makeSkeleton } from './skeleton';
import type { Candidates, Document, DrawnBox } from './types';

type Loaded = Pick<FrameDocument, 'annotation' | 'box' | 'mark'>;

/** A frame as the server holds it. */
export interface Snapshot {
  /** Of joints and verdict. */
  readonly version: number;
  /** Of the box; null where none is shown. */
  readonly boxVersion: number | null;
  readonly document: Document;
  /** The box with all that is known of its mask. */
  readonly box: Box | null;
  /** Whose change it is, by id; null for the machine. */
  readonly by?: number | null;
  /** What the joints owe to other frames, where the server said so. */
  readonly propagated?: Annotation['propagated'];
}

function drawnBoxOf(box: Box | null): DrawnBox | null {
  if (box === null) return null;
  const { x, y, width, height, status, made_from } = box;
  return { x, y, width, height, status, madeFrom: makeSkeleton(made_from) };
}

function documentOf(annotation: Annotation, box: Box | null, mark: Mark | null): Document {
  return {
    candidateId: annotation.candidate_id,
    skeleton: annotation.joints === null ? null : makeSkeleton(annotation.joints),
    decision: {
      verdict: annotation.verdict,
      reason: annotation.reason,
      text: annotation.reason_text,
    },
    box: drawnBoxOf(box),
    mark,
  };
}

/** A frame as it was loaded. */
export const snapshotOf = ({ annotation, box, mark }: Loaded): Snapshot => ({
  version: annotation.version,
  boxVersion: box?.version ?? null,
  document: documentOf(annotation, box, mark),
  box,
  by: annotation.updated_by?.id ?? null,
  propagated: annotation.propagated,
});

/** A frame as a write was answered. */
export const snapshotOfAnswer = (saved: SavedFrame): Snapshot =>
  snapshotOf({ annotation: saved, box: saved.box, mark: saved.mark });

export const candidatesOf = (candidates: readonly Candidate[]): Candidates =>
  new Map(candidates.map((candidate) => [candidate.id, makeSkeleton(candidate.joints)]));
