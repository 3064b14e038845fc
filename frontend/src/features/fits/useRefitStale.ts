import { toast } from '@/shared/ui';
import { useRequestFits } from './queries';

/** Fits again what no longer belongs to its joints, and the moments beside it. */
export function useRefitStale(recordingId: number) {
  const request = useRequestFits(recordingId);
  const start = () =>
    request.mutate(
      { only_stale: true },
      { onError: (error) => toast.error('The fits could not be started', error) },
    );
  return { start, isPending: request.isPending };
}
