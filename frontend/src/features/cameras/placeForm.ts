import type { Calibration, Camera } from '@/shared/api/types';
import type { Phase } from './queries';

/** What every way of placing cameras is given. */
export interface PlaceFormProps {
  recordingId: number;
  cameras: readonly Camera[];
  phase: Phase;
  base: Calibration;
  onDone: () => void;
  onClose?: () => void;
}
