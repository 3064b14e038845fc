import { queryOptions } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';

/** How far a recording's corrections travel, and the expected error as it fell. */
export const propagationQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.propagation(recordingId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/propagation', {
          params: { path: { recording_id: recordingId } },
          signal,
        }),
      ),
  });
