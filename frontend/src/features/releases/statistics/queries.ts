import { queryOptions } from '@tanstack/react-query';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { components } from '@/shared/api/schema.gen';

export type Statistics = components['schemas']['StatisticsOut'];

export const statisticsQuery = (id: number) =>
  queryOptions({
    queryKey: keys.releaseStatistics(id),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/releases/{release_id}/statistics', {
          params: { path: { release_id: id } },
          signal,
        }),
      ),
  });
