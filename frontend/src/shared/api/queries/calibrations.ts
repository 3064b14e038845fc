import { queryOptions } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';

const of = (recordingId: number) => ({ path: { recording_id: recordingId } });

/** All versions of a recording's cameras. */
export const calibrationsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.calibrations(recordingId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/calibrations', {
          params: of(recordingId),
          signal,
        }),
      ),
  });

/** The moments of a recording, its cameras, and the calibration in use. */
export const momentsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.moments(recordingId),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/moments', { params: of(recordingId), signal }),
      ),
  });
