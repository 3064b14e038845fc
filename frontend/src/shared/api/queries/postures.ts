import { queryOptions } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';

/** Which posture the infant has in which moments of a recording. */
export const posturesQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.postures(recordingId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/postures', {
          params: { path: { recording_id: recordingId } },
          signal,
        }),
      ),
  });
