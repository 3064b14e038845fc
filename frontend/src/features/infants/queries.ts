import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { components } from '@/shared/api/schema.gen';

type Schemas = components['schemas'];

const of = (id: number) => ({ path: { infant_id: id } });

export const infantsQuery = queryOptions({
  queryKey: keys.infants,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/infants', { signal })),
});

export const infantQuery = (id: number) =>
  queryOptions({
    queryKey: keys.infant(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/infants/{infant_id}/consents', { params: of(id), signal })),
  });

/** Adds an entry; what it no longer allows are drafts again. */
export function useNoteConsent(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['ConsentIn']) =>
      answer(http.POST('/api/v1/infants/{infant_id}/consents', { params: of(id), body })),
    onSuccess: (infant) => {
      client.setQueryData(keys.infant(id), infant);
      return Promise.all([
        client.invalidateQueries({ queryKey: keys.infants, exact: true }),
        client.invalidateQueries({ queryKey: keys.releases }),
      ]);
    },
  });
}

export function useErase(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (pseudonym: string) =>
      answer(
        http.POST('/api/v1/infants/{infant_id}/erasure', { params: of(id), body: { pseudonym } }),
      ),
    onSuccess: (job) => {
      client.setQueryData(keys.job(job.id), job);
      return Promise.all([
        client.invalidateQueries({ queryKey: keys.infants }),
        client.invalidateQueries({ queryKey: keys.jobs }),
      ]);
    },
  });
}
