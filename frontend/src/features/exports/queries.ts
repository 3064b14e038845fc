import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http, urlOf } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { components } from '@/shared/api/schema.gen';
import { count } from '@/shared/lib/format';

export const exportsQuery = queryOptions({
  queryKey: keys.exports,
  queryFn: ({ signal }) => answer(http.GET('/api/v1/exports', { signal })),
});

export function exportFileUrl(id: number): string {
  return urlOf('/api/v1/exports/{export_id}/file', { export_id: id });
}

type Rule = components['schemas']['RuleOut'];

/** By which rule joints of recordings are written where none is asked for. */
export const ruleQuery = (ids: readonly number[]) =>
  queryOptions({
    queryKey: [...keys.exports, 'rule', ids],
    queryFn: ({ signal }) =>
      answer(http.POST('/api/v1/exports/rule', { body: { recording_ids: [...ids] }, signal })),
    enabled: ids.length > 0,
  });

/** Which rule that is for the chosen recordings, and why. */
export function ruleWords({ pixels, imported, here }: Rule): string {
  const known = Object.values(imported).reduce((sum, number) => sum + number, 0);
  const from = pixels === 'index' ? 'the centre' : 'the outer corner';
  const so = `Joints are measured from ${from} of the first pixel`;
  if (!known) return `${so}, as in COCO: these recordings were labelled here.`;
  if (Object.keys(imported).length > 1) {
    return `${so}, as in COCO: these recordings were imported by different rules.`;
  }
  return here
    ? `${so}, as ${count(known, 'recording')} of these ${known === 1 ? 'was' : 'were'} imported; the others were labelled here.`
    : `${so}, as ${known === 1 ? 'this recording was' : 'these recordings were'} imported.`;
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
