import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http, urlOf } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { components } from '@/shared/api/schema.gen';

export const exportsQuery = queryOptions({
  queryKey: keys.exports,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/exports', { signal })),
});

export function exportFileUrl(id: number): string {
  return urlOf('/api/v1/exports/{export_id}/file', { export_id: id });
}

export type ExportCreate = components['schemas']['ExportCreate'];

export function useCreateExport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ExportCreate) => answer(http.POST('/api/v1/exports', { body })),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.exports }),
        client.invalidateQueries({ queryKey: keys.jobs }),
      ]),
  });
}
