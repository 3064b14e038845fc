import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { framesQuery } from '@/shared/api/queries/recordings';
import type { FrameItem } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import type { Stage } from '@/shared/domain/rules.gen';
import { toast } from '@/shared/ui';
import { inBoxOrder } from './boxOrder';

/** The frame at which work in a stage goes on; the first when nothing is left. */
export function startPosition(frames: readonly FrameItem[], stage: Stage): number {
  const first = (wanted: (frame: FrameItem) => boolean) => frames.find(wanted)?.position;
  const start = () => {
    switch (stage) {
      case 'returned':
        return (
          first((f) => f.returned) ??
          first((f) => f.state === 'undecided') ??
          first((f) => f.comments > 0)
        );
      case 'boxes_returned':
        return first((f) => f.box?.status === 'sent_back') ?? first((f) => Boolean(f.box?.stale));
      case 'inspecting':
        return first((f) => f.changed && f.mark === null) ?? first((f) => f.mark === null);
      case 'boxed':
      case 'inspecting_boxes': {
        // In the editor's order, so that the first step does not leave a more doubtful one behind.
        const order = inBoxOrder(frames, [...frames.keys()]).flatMap((i) => frames[i] ?? []);
        return order.find((f) => f.box?.status === 'proposed')?.position;
      }
      default:
        return first((f) => f.state === 'undecided');
    }
  };
  return start() ?? frames[0]?.position ?? 0;
}

/** Opens the editor where the work goes on. */
export function useOpenEditor(): (recording: { id: number; stage: Stage }) => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async ({ id, stage }) => {
    try {
      const frames = await client.fetchQuery({ ...framesQuery(id), staleTime: 0 });
      await navigate({
        to: '/recordings/$recordingId/frames/$frame',
        params: { recordingId: String(id), frame: frameParam(startPosition(frames, stage)) },
      });
    } catch (error) {
      toast.error('The frames could not be opened', error);
    }
  };
}
