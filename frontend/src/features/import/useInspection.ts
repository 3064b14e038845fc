import { useQuery } from '@tanstack/react-query';
import { pathOf } from '@/features/uploads/paths';
import { useUploads } from '@/features/uploads/store';
import { errorMessage } from '@/shared/api/problem';
import { inspectionQuery } from '@/shared/api/queries/recordings';
import type { Inspection } from '@/shared/api/types';
import { inspectionOf } from './cameras';
import { type Draft, faultsOf, samplingOf } from './draft';

interface Understanding {
  seen: Inspection | null;
  /** Whether `seen` is of the draft as it stands, not of a moment ago. */
  current: boolean;
  problem: string | null;
}

/** What the server understands of a draft's videos, once all of them have arrived. */
export function useInspection(draft: Draft): Understanding {
  const items = useUploads((s) => s.items);
  const arrived = draft.videos.flatMap((key) => {
    const item = items[key];
    return item?.state === 'done' && item.uploadId !== null
      ? [{ key, uploadId: item.uploadId, path: pathOf(item.file) }]
      : [];
  });
  const whole = draft.kind === 'video' && arrived.length === draft.videos.length;
  const sampling = faultsOf(draft).sampling ? { mode: 'every' as const, value: 1 } : null;
  const request = inspectionOf(whole ? arrived : [], draft.cameras, sampling ?? samplingOf(draft));
  const { data, error, isPlaceholderData } = useQuery(inspectionQuery(request));
  if (!request.files.length) return { seen: null, current: false, problem: null };
  return {
    seen: data ?? null,
    current: !isPlaceholderData,
    problem: error ? errorMessage(error) : null,
  };
}
