import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http } from '../client';
import { keys } from '../keys';

const of = (id: number) => ({ path: { release_id: id } });

/** What a withdrawn release changes beyond its own page: infants name those that hold them. */
function useAfter() {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keys.releases }),
      client.invalidateQueries({ queryKey: keys.infants }),
      client.invalidateQueries({ queryKey: keys.jobs }),
    ]);
}

export function useWithdrawRelease(id: number) {
  const onSuccess = useAfter();
  return useMutation({
    mutationFn: ({ why, removeFiles }: { why: string; removeFiles: boolean }) =>
      answer(
        http.POST('/api/v1/releases/{release_id}/withdrawal', {
          params: of(id),
          body: { why, remove_files: removeFiles },
        }),
      ),
    onSuccess,
  });
}

export function useRemoveReleaseFiles(id: number) {
  const onSuccess = useAfter();
  return useMutation({
    mutationFn: () =>
      answer(http.POST('/api/v1/releases/{release_id}/files-removal', { params: of(id) })),
    onSuccess,
  });
}
