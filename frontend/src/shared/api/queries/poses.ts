import { queryOptions } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';
import type { Pose } from '../types';

const BLOCK = 60;
const STALE_MS = 60_000;

/** Joints of the frames around a position: pictures next to each other ask once. */
export const posesQuery = (recordingId: number, position: number) => {
  const block = Math.floor(position / BLOCK);
  return queryOptions({
    queryKey: [...keys.poses(recordingId), block],
    staleTime: STALE_MS,
    queryFn: async ({ signal }): Promise<ReadonlyMap<number, Pose>> => {
      const { poses } = await answer(
        http.GET('/api/v1/recordings/{recording_id}/poses', {
          params: {
            path: { recording_id: recordingId },
            query: { start: block * BLOCK, count: BLOCK },
          },
          signal,
        }),
      );
      return new Map(poses.map((pose) => [pose.id, pose]));
    },
  });
};
