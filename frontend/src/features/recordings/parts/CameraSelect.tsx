import type { RecordingDetail } from '@/shared/api/types';
import { Select } from '@/shared/ui';

interface CameraSelectProps {
  recording: RecordingDetail;
  camera: number | undefined;
  onChange: (camera: number | undefined) => void;
}

/** Frames of which camera are shown; nothing where there is one camera. */
export function CameraSelect({ recording, camera, onChange }: CameraSelectProps) {
  if (recording.cameras_list.length < 2) return null;
  return (
    <Select
      aria-label="Camera"
      value={camera ?? ''}
      onChange={(e) => onChange(Number(e.target.value) || undefined)}
    >
      <option value="">All cameras</option>
      {recording.cameras_list.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
}
