import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { components } from '@/shared/api/schema.gen';
import type { Job } from '@/shared/api/types';

type Schemas = components['schemas'];
export type Sync = Schemas['SyncOut'];
export type SyncPair = Schemas['SyncPair'];
export type SyncPlan = Schemas['SyncPlan'];
export type SyncStrips = Schemas['SyncStrips'];
export type CameraOffset = Schemas['CameraOffset'];
export type OffsetIn = Schemas['OffsetIn'];
export type MeasureBy = Exclude<Schemas['SynchroniseIn']['method'], 'manual'>;

const of = (recordingId: number) => ({ path: { recording_id: recordingId } });

/** Versions of a recording's clocks, newest first. */
export const syncsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.syncs(recordingId),
    queryFn: ({ signal }): Promise<Sync[]> =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/synchronisations', {
          params: of(recordingId),
          signal,
        }),
      ),
  });

/** What applying a version would do now. */
export const syncPlanQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.syncPlan(recordingId),
    queryFn: ({ signal }): Promise<SyncPlan> =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/sync-plan', {
          params: of(recordingId),
          signal,
        }),
      ),
  });

/** Small pictures of source frames around a few moments. */
export const syncStripsQuery = (recordingId: number) =>
  queryOptions({
    queryKey: keys.syncStrips(recordingId),
    queryFn: ({ signal }): Promise<SyncStrips> =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/sync-strips', {
          params: of(recordingId),
          signal,
        }),
      ),
  });

function useAskAgain(recordingId: number) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keys.recording(recordingId) }),
      client.invalidateQueries({ queryKey: keys.jobs }),
    ]);
}

export function useMeasureClocks(recordingId: number) {
  const again = useAskAgain(recordingId);
  return useMutation({
    mutationFn: async (method: MeasureBy): Promise<Job> =>
      (await answer(
        http.POST('/api/v1/recordings/{recording_id}/synchronisations', {
          params: of(recordingId),
          body: { method },
        }),
      )) as Job,
    onSuccess: again,
  });
}

export function useSetClocks(recordingId: number) {
  const again = useAskAgain(recordingId);
  return useMutation({
    mutationFn: async (offsets: OffsetIn[]): Promise<Sync> =>
      (await answer(
        http.POST('/api/v1/recordings/{recording_id}/synchronisations', {
          params: of(recordingId),
          body: { method: 'manual', offsets },
        }),
      )) as Sync,
    onSuccess: again,
  });
}

/** Gives the version, or the job that extracts the frames again. */
export function useApplyClocks(recordingId: number) {
  const again = useAskAgain(recordingId);
  return useMutation({
    mutationFn: (syncId: number): Promise<Sync | Job> =>
      answer(
        http.POST('/api/v1/synchronisations/{synchronisation_id}/apply', {
          params: { path: { synchronisation_id: syncId } },
        }),
      ),
    onSuccess: again,
  });
}
