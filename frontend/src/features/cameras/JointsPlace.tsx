import { useState } from 'react';
import { Checkbox, Field, Notice, Select } from '@/shared/ui';
import css from './CamerasPage.module.css';
import { FormFooter } from './FormFooter';
import type { PlaceFormProps } from './placeForm';
import type { LensFreedom } from './queries';
import { cameraIn } from './state';
import { useCalibrationForm } from './useCalibrationForm';

const LENSES: Record<LensFreedom, string> = {
  fixed: 'Stay as they are',
  focal: 'Focal lengths may change',
  free: 'Focal lengths, centres and bending may change',
};

/** Placed cameras adjusted to the joints of the recording itself. */
export function JointsPlace({
  recordingId,
  cameras,
  phase,
  base,
  onDone,
  onClose,
}: PlaceFormProps) {
  const [lenses, setLenses] = useState<LensFreedom>('fixed');
  const [movements, setMovements] = useState(true);
  const placed = cameras.filter((c) => cameraIn(base, c.id)?.T_camera_world).length;
  const form = useCalibrationForm({
    recordingId,
    files: [],
    request: () => ({ step: 'joints', phase, based_on: base.id, lenses, movements }),
    onDone,
  });
  return (
    <>
      <p className={css.help}>
        The joints in the kept frames say how well the cameras agree, and where they stand. Every
        fifth moment takes no part: a new version is made only if it agrees better there than
        before.
      </p>
      {placed < 2 ? (
        <Notice>Place two cameras or more in another way first; joints only adjust them.</Notice>
      ) : null}
      <Checkbox
        checked={movements}
        onChange={setMovements}
        label="Look for a camera that was knocked during the visit"
        help="It needs three cameras. From that moment on the camera has another place, which body fits use."
      />
      <div className={css.short}>
        <Field
          label="Lenses"
          help="Free them only if nobody could film a board: joints are far less exact."
        >
          {(control) => (
            <Select
              {...control}
              value={lenses}
              onChange={(e) => setLenses(e.target.value as LensFreedom)}
            >
              {Object.entries(LENSES).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <FormFooter
        form={form}
        act="Adjust the cameras"
        fault={null}
        onStart={() => {
          if (placed >= 2) form.start();
        }}
        onCancel={onClose}
      />
    </>
  );
}
