import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { components } from '@/shared/api/schema.gen';

type Schemas = components['schemas'];
export type Faces = Schemas['FacesOut'];
export type Standing = Schemas['FacesStanding'];
export type FaceMark = Schemas['FaceMarkOut'];
export type Ground = Schemas['GroundOut'];

const of = (id: number) => ({ path: { release_id: id } });

export const facesQuery = (id: number) =>
  queryOptions({
    queryKey: keys.releaseFaces(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/releases/{release_id}/faces', { params: of(id), signal })),
  });

/** What people said of a release's faces; also of one whose files are not given out any more. */
export const standingQuery = (id: number) =>
  queryOptions({
    queryKey: [...keys.releaseFaces(id), 'standing'],
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/releases/{release_id}/faces/standing', { params: of(id), signal })),
  });

function useSaying<Asked>(id: number, say: (asked: Asked) => Promise<Standing>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: say,
    onSuccess: (standing) => {
      client.setQueryData<Faces>(keys.releaseFaces(id), (faces) =>
        faces ? { ...faces, ...standing } : faces,
      );
      client.setQueryData(standingQuery(id).queryKey, standing);
    },
  });
}

export const useMarkFace = (id: number) =>
  useSaying(id, (body: Schemas['MarkIn']) =>
    answer(http.POST('/api/v1/releases/{release_id}/faces/marks', { params: of(id), body })),
  );

export const useTakeMarkBack = (id: number) =>
  useSaying(id, (path: string) =>
    answer(
      http.DELETE('/api/v1/releases/{release_id}/faces/marks', {
        params: { ...of(id), query: { path } },
      }),
    ),
  );

export const useConfirmFaces = (id: number) =>
  useSaying(id, (looked: string[]) =>
    answer(
      http.POST('/api/v1/releases/{release_id}/faces/checks', {
        params: of(id),
        body: { looked },
      }),
    ),
  );
