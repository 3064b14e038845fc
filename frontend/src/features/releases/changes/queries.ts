import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, http, urlOf } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { components } from '@/shared/api/schema.gen';
import type { Kind } from './search';

type Schemas = components['schemas'];
export type Difference = Schemas['DiffOut'];
export type ChangedFrame = Schemas['ChangedFrameOut'];

const PAGE_SIZE = 48;
const of = (id: number) => ({ release_id: id });

export const differenceQuery = (id: number, base: number | undefined) =>
  queryOptions({
    queryKey: keys.releaseChanges(id, base),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/releases/{release_id}/difference', {
          params: { path: of(id), query: { base_id: base } },
          signal,
        }),
      ),
    retry: false,
  });

export const changedFramesQuery = (id: number, base: number | undefined, kind: Kind) =>
  infiniteQueryOptions({
    queryKey: keys.changedFrames(id, base, kind),
    queryFn: ({ pageParam, signal }) =>
      answer(
        http.GET('/api/v1/releases/{release_id}/difference/frames', {
          params: {
            path: of(id),
            query: { kind, base_id: base, offset: pageParam, limit: PAGE_SIZE },
          },
          signal,
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next_offset ?? undefined,
  });

export function differenceFileUrl(id: number, base: number | undefined): string {
  const url = urlOf('/api/v1/releases/{release_id}/difference.json', of(id));
  return base === undefined ? url : `${url}?base_id=${base}`;
}
