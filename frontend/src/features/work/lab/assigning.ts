/** What a maintainer chose for many recordings, as the server is told it. */
import type { BulkAssignment } from '@/shared/api/types';

/** Everybody keeps what they have. */
export const KEEP = '';
/** Dealt out to all annotators. */
export const ROTATION = 'rotation';
/** Taken from whoever has it. */
export const NOBODY = 'nobody';

export type Order = Partial<BulkAssignment> & { recording_ids: number[] };

const personIn = (choice: string): number | null => (choice === NOBODY ? null : Number(choice));

/**
 * The order for the chosen recordings.
 *
 * Each choice is one of the above or a person's id; what is to stay is left out.
 */
export function orderFor(
  recordings: readonly number[],
  annotator: string,
  inspector: string,
): Order {
  return {
    recording_ids: [...recordings],
    in_rotation: annotator === ROTATION,
    ...(annotator === KEEP || annotator === ROTATION ? {} : { annotator_id: personIn(annotator) }),
    ...(inspector === KEEP ? {} : { inspector_id: personIn(inspector) }),
  };
}
