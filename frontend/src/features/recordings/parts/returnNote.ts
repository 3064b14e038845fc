import type { RecordingDetail, Round } from '@/shared/api/types';

export interface ReturnNote {
  readonly id: number;
  readonly by: string;
  readonly note: string;
}

/** What the inspector wrote with the last return, as long as the recording is with its annotator. */
export function returnNote({
  stage,
  rounds,
}: Pick<RecordingDetail, 'stage' | 'rounds'>): ReturnNote | null {
  if (stage !== 'returned' && stage !== 'boxes_returned') return null;
  const last = rounds.reduce<Round | null>(
    (latest, round) => (round.decision && round.id > (latest?.id ?? 0) ? round : latest),
    null,
  );
  if (!last?.note || last.decision !== 'returned') return null;
  return { id: last.id, by: last.inspector?.name ?? 'The inspector', note: last.note };
}
