import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { Calibration } from '@/shared/api/types';
import { Badge, Cell, HeadCell, Notice, Table } from '@/shared/ui';
import css from './CamerasPage.module.css';
import type { NamedCamera } from './distribute';
import { shiftOf, shiftWords } from './drift';
import type { Drift } from './queries';
import { px } from './words';

interface DriftResultsProps {
  cameras: readonly NamedCamera[];
  versions: readonly Calibration[];
  drift: Drift | null;
}

/** Before and after, camera by camera. */
export function DriftResults({ cameras, versions, drift }: DriftResultsProps) {
  if (!drift) {
    return (
      <p className={css.help}>
        Film the boards again before anybody touches the cameras, choose <em>After the visit</em> at
        the top of the steps, and go through the same two steps. Both are compared here.
      </p>
    );
  }
  const number = (id: number) => versions.find((v) => v.id === id)?.version ?? '?';
  const moved = drift.cameras.filter((camera) => shiftOf(camera) > drift.limit_px);
  const nameOf = (id: number) => cameras.find((c) => c.id === id)?.name ?? `camera ${id}`;
  return (
    <>
      {drift.exceeded ? (
        <Notice tone="error">
          <strong>
            {moved.map((c) => nameOf(c.camera_id)).join(', ')} moved, or{' '}
            {moved.length === 1 ? 'its' : 'their'} zoom changed.
          </strong>{' '}
          {moved.length === drift.cameras.length ? (
            <>
              When all cameras seem to have moved, one of the two calibrations is probably at fault:
              look at the errors of versions {number(drift.before_id)} and {number(drift.after_id)}.
            </>
          ) : (
            <>
              Until then version {number(drift.before_id)} holds, afterwards version{' '}
              {number(drift.after_id)}. Nobody can say when it happened: look for where the error
              per moment begins to rise, and use the version that fits most of the recording.
            </>
          )}
        </Notice>
      ) : (
        <Notice>
          Nothing moved by more than the limit. Version {number(drift.before_id)} holds for the
          whole recording.
        </Notice>
      )}
      <Table aria-label="Before and after">
        <thead>
          <tr>
            <HeadCell>Camera</HeadCell>
            <HeadCell numeric>Turned</HeadCell>
            <HeadCell numeric>Moved</HeadCell>
            <HeadCell numeric>Focal length</HeadCell>
            <HeadCell numeric>Shift in the picture</HeadCell>
            <HeadCell numeric>Limit</HeadCell>
            <HeadCell>Verdict</HeadCell>
          </tr>
        </thead>
        <tbody>
          {drift.cameras.map((camera) => {
            const far = shiftOf(camera) > drift.limit_px;
            return (
              <tr key={camera.camera_id}>
                <Cell>{nameOf(camera.camera_id)}</Cell>
                <Cell numeric>{camera.rotation_deg.toFixed(2)}°</Cell>
                <Cell numeric>{camera.translation_mm.toFixed(1)} mm</Cell>
                <Cell numeric>
                  {camera.focal_percent > 0 ? '+' : ''}
                  {camera.focal_percent.toFixed(2)} %
                </Cell>
                <Cell numeric>{shiftWords(camera)}</Cell>
                <Cell numeric quiet>
                  {px(drift.limit_px)}
                </Cell>
                <td>
                  {far ? (
                    <Badge tone="danger" icon={<TriangleAlert size={12} aria-hidden />}>
                      Moved
                    </Badge>
                  ) : (
                    <Badge tone="ok" icon={<CircleCheck size={12} aria-hidden />}>
                      Stood still
                    </Badge>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </Table>
    </>
  );
}
