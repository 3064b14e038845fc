import { queryOptions } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';
import type { Suspicions } from '../types';

/** Joints of a recording that probably need a hand, the most doubted frame first. */
export const suspicionsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.suspicions(recordingId),
    queryFn: ({ signal }): Promise<Suspicions> =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/suspicions', {
          params: { path: { recording_id: recordingId } },
          signal,
        }),
      ),
  });
