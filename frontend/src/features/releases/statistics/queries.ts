import { queryOptions } from '@tanstack/react-query';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { components } from '@/shared/api/schema.gen';

export type Statistics = components['schemas']['StatisticsOut'];

const AGAIN_MS = 500;

/** What a release holds; null while the server counts a large draft. */
export const statisticsQuery = (id: number) =>
  queryOptions({
    queryKey: keys.releaseStatistics(id),
    queryFn: async ({ signal }): Promise<Statistics | null> => {
      const found = await answer(
        http.GET('/api/v1/releases/{release_id}/statistics', {
          params: { path: { release_id: id } },
          signal,
        }),
      );
      return 'counting' in found ? null : found;
    },
    refetchInterval: ({ state }) => (state.data === null ? AGAIN_MS : false),
  });
