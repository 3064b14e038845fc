import type { RecordingDetail } from '@/shared/api/types';

/** The pose model that ships, as the server names it. */
const DEMO_POSE = 'rtmo-t-demo';

type Origin = Pick<RecordingDetail, 'is_demo' | 'prelabel_model' | 'prelabels_simulated'>;

/** What made the demo's pre-labels, as a sentence; null of other recordings and before there are any. */
export function prelabelOrigin(recording: Origin): string | null {
  if (!recording.is_demo || recording.prelabel_model === null) return null;
  if (recording.prelabels_simulated) {
    return 'Its pre-labels are simulated: the known truth with errors added.';
  }
  if (recording.prelabel_model === DEMO_POSE) {
    return 'Its pre-labels come from a small model that knows rendered infants only.';
  }
  return `Its pre-labels come from ${recording.prelabel_model}.`;
}
