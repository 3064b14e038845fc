import { Link } from '@tanstack/react-router';
import { Baby, Camera, Pencil } from 'lucide-react';
import type { FitsOfRecording } from '@/features/fits/bodies/types';
import type { RecordingDetail } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import { Button, buttonClass, EmptyState, Notice } from '@/shared/ui';
import css from './FitsPage.module.css';

interface NoFitsProps {
  recording: RecordingDetail;
  data: FitsOfRecording;
  onFit: () => void;
}

/** What is missing before bodies can be fitted, or the button that begins. */
export function NoFits({ recording, data, onFit }: NoFitsProps) {
  const params = { recordingId: String(recording.id) };
  const several = recording.cameras_list.length > 1;
  if (data.counts.without === 0) {
    return (
      <EmptyState
        icon={<Pencil size={20} />}
        title="Nothing to fit yet"
        actions={
          <Link to="/recordings/$recordingId" params={params} className={buttonClass()}>
            To the recording and its editor
          </Link>
        }
      >
        A body is fitted to the joints that people kept. Accept or correct frames in the editor
        first; a few moments are enough to begin.
      </EmptyState>
    );
  }
  if (several && !recording.calibration?.placed) {
    return (
      <EmptyState
        icon={<Camera size={20} />}
        title="It is not known where the cameras stand"
        actions={
          <Link to="/recordings/$recordingId/cameras" params={params} className={buttonClass()}>
            Calibrate the cameras
          </Link>
        }
      >
        {count(recording.cameras_list.length, 'camera')} filmed this recording. A body is seen by
        all of them at once only when their lenses and places are known.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<Baby size={20} />}
      title="No bodies yet"
      actions={
        data.may_fit ? (
          <Button variant="primary" onClick={onFit}>
            Fit bodies…
          </Button>
        ) : undefined
      }
    >
      {count(data.counts.without, 'moment')} {data.counts.without === 1 ? 'has' : 'have'} joints
      that people kept. A body model finds one shape for the infant, and a pose for each moment.
      {several || recording.calibration ? null : (
        <div className={css.honest}>
          <Notice>
            One camera, and nothing is known of it: a usual lens is assumed. Depth is a guess, both
            facing directions are tried, and size and distance are not metric. Every fit says so.
            With board images the lens can be calibrated on the page{' '}
            <Link to="/recordings/$recordingId/cameras" params={params}>
              Cameras
            </Link>
            .
          </Notice>
        </div>
      )}
      {data.may_fit ? null : (
        <div className={css.honest}>
          <Notice>Maintainers and inspectors can start it.</Notice>
        </div>
      )}
    </EmptyState>
  );
}
