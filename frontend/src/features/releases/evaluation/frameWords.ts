import type { BoardFrame, Evaluation } from './queries';
import { formatMeasure, spoken } from './words';

/** What a frame is ranked by, in words. */
export function verdictOf(frame: BoardFrame, { kind }: Pick<Evaluation, 'kind'>): string {
  if (kind === 'postures') {
    if (frame.posture === frame.true_posture) return `${spoken(frame.posture ?? '')}, rightly`;
    return `${spoken(frame.posture ?? '')} instead of ${spoken(frame.true_posture ?? '').toLowerCase()}`;
  }
  if (kind === 'bodies') return `PA-MPJPE ${formatMeasure('PA-MPJPE', frame.error)} mm`;
  if (frame.joints === null) return 'Nobody predicted';
  return `OKS ${formatMeasure('OKS', frame.oks)}, ${formatMeasure('AJPE', frame.error)} px off`;
}

/** The same with what differs between neighbours first, for narrow places. */
export const shortPlaceOf = (frame: BoardFrame): string =>
  frame.recording
    ? `Frame ${(frame.position ?? 0) + 1}, ${frame.camera}, ${frame.recording}`
    : placeOf(frame);

export const placeOf = (frame: BoardFrame): string =>
  frame.recording
    ? `${frame.recording}, ${frame.camera}, frame ${(frame.position ?? 0) + 1}`
    : `${frame.file_name}, no longer in the store`;
