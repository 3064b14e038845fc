import { useNavigate } from '@tanstack/react-router';
import { framesByParts } from '@/shared/api/filmstrip';
import type { FrameItem } from '@/shared/api/types';
import { frameParam } from '@/shared/domain/frameAddress';
import type { Stage } from '@/shared/domain/rules.gen';
import { toast } from '@/shared/ui';
import { inBoxOrder } from './boxOrder';

/** The frame at which work in a stage goes on; undefined when nothing is left. */
export function workPosition(frames: readonly FrameItem[], stage: Stage): number | undefined {
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
  return start();
}

/** The frame at which to begin: where work goes on, or the first. */
export const startPosition = (frames: readonly FrameItem[], stage: Stage): number =>
  workPosition(frames, stage) ?? frames[0]?.position ?? 0;

/** The same, reading no more of a very long recording than up to the part in which work goes on. */
async function findStart(recordingId: number, stage: Stage): Promise<number> {
  let first: number | undefined;
  for await (const { frames } of framesByParts(recordingId)) {
    first ??= frames[0]?.position;
    const found = workPosition(frames, stage);
    if (found !== undefined) return found;
  }
  return first ?? 0;
}

/** Opens the editor where the work goes on. */
export function useOpenEditor(): (recording: { id: number; stage: Stage }) => Promise<void> {
  const navigate = useNavigate();
  return async ({ id, stage }) => {
    try {
      const position = await findStart(id, stage);
      await navigate({
        to: '/recordings/$recordingId/frames/$frame',
        params: { recordingId: String(id), frame: frameParam(position) },
      });
    } catch (error) {
      toast.error('The frames could not be opened', error);
    }
  };
}
