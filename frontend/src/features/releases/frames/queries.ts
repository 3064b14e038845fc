import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { components } from '@/shared/api/schema.gen';
import { asked, type FrameSearch } from './search';

type Schemas = components['schemas'];
export type HeldFrame = Schemas['HeldFrameOut'];
export type JointOrigin = Schemas['JointOriginOut'];

const PAGE_SIZE = 120;
const of = (id: number) => ({ release_id: id });

export const framesQuery = (id: number, search: FrameSearch) =>
  infiniteQueryOptions({
    queryKey: keys.releaseFrames(id, asked(search)),
    queryFn: ({ pageParam, signal }) =>
      answer(
        http.GET('/api/v1/releases/{release_id}/frames', {
          params: {
            path: of(id),
            query: { ...asked(search), cursor: pageParam, limit: PAGE_SIZE },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

/** One frame of a release, whether or not the list has come to it. */
export const frameQuery = (id: number, frame: number, live: boolean) =>
  queryOptions({
    queryKey: keys.releaseFrames(id, { frame_id: frame, live }),
    queryFn: async ({ signal }) => {
      const query = { frame_id: frame, limit: 1, raw: live };
      const request = http.GET('/api/v1/releases/{release_id}/frames', {
        params: { path: of(id), query },
        signal,
      });
      return (await answer(request)).frames[0] ?? null;
    },
  });

export const originsQuery = (id: number, frame: number) =>
  queryOptions({
    queryKey: keys.frameOrigins(id, frame),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/releases/{release_id}/frames/{frame_id}/origins', {
          params: { path: { release_id: id, frame_id: frame } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
