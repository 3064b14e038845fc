import { camerasRoute } from '@/app/router';
import { RecordingSubPage } from '@/parts/RecordingSubPage';

export default function CamerasPage() {
  const { recordingId } = camerasRoute.useParams();
  return (
    <RecordingSubPage recordingId={recordingId} title="Cameras">
      {(recording) => <p>{recording.cameras_list.map((camera) => camera.name).join(', ')}</p>}
    </RecordingSubPage>
  );
}
