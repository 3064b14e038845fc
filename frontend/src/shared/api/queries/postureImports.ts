import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';
import type { components } from '../schema.gen';

export type PostureTable = components['schemas']['PostureTableIn'];
export type PosturePreview = components['schemas']['PosturePreviewOut'];
export type PostureImport = components['schemas']['PostureImportOut'];

/** What would be painted of a table; nothing is asked before there is one. */
export const posturePreviewQuery = (table: PostureTable | null) =>
  queryOptions({
    queryKey: [...keys.postureImports, 'preview', table],
    queryFn: ({ signal }) =>
      answer(http.POST('/api/v1/posture-imports/preview', { body: table as PostureTable, signal })),
    enabled: table !== null,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });

/** The latest imports of postures, newest first. */
export const postureImportsQuery = () =>
  queryOptions({
    queryKey: [...keys.postureImports, 'list'],
    queryFn: ({ signal }) => answer(http.GET('/api/v1/posture-imports', { signal })),
  });

function useAfterwards() {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: [...keys.postureImports, 'list'] }),
      client.invalidateQueries({ queryKey: keys.recordings }),
    ]);
}

export function useImportPostures() {
  return useMutation({
    mutationFn: (body: PostureTable & { operation_id: string }) =>
      answer(http.POST('/api/v1/posture-imports', { body })),
    onSuccess: useAfterwards(),
  });
}

export function useUndoPostures() {
  return useMutation({
    mutationFn: (id: number) =>
      answer(
        http.POST('/api/v1/posture-imports/{import_id}/undo', {
          params: { path: { import_id: id } },
        }),
      ),
    onSuccess: useAfterwards(),
  });
}
