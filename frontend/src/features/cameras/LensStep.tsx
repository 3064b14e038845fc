import { useEffect, useState } from 'react';
import type { Calibration } from '@/shared/api/types';
import { Button, Field, Select } from '@/shared/ui';
import { BoardFields } from './BoardFields';
import { type BoardDraft, boardFaults, loadBoard, saveBoard, toBoard } from './board';
import { CameraFiles } from './CameraFiles';
import css from './CamerasPage.module.css';
import type { NamedCamera } from './distribute';
import { FormFooter } from './FormFooter';
import { keysOf, NO_FILES, toUploads } from './files';
import { LensResults } from './LensResults';
import type { Lens, Phase } from './queries';
import { baseFor, cameraIn, lensReport } from './state';
import { useCalibrationForm } from './useCalibrationForm';

interface LensFormProps {
  recordingId: number;
  cameras: readonly NamedCamera[];
  phase: Phase;
  base: Calibration | null;
  onDone: () => void;
  onClose?: () => void;
}

function LensForm({ recordingId, cameras, phase, base, onDone, onClose }: LensFormProps) {
  const [board, setBoard] = useState<BoardDraft>(() => loadBoard('small'));
  const [lens, setLens] = useState<Lens>('pinhole');
  const [files, setFiles] = useState(NO_FILES);
  const [tried, setTried] = useState(false);
  const faults = boardFaults(board);
  const keys = keysOf(files);
  const without = cameras.filter((c) => !files.of[c.id]?.length).map((c) => c.name);

  useEffect(() => saveBoard('small', board), [board]);

  const form = useCalibrationForm({
    recordingId,
    files: keys,
    request: (idOf) => {
      const whole = toBoard(board);
      if (!whole) return null;
      const images = toUploads(files, idOf);
      return {
        step: 'intrinsics',
        phase,
        board: whole,
        lens,
        images,
        ...(base ? { based_on: base.id } : {}),
      };
    },
    onDone: () => {
      setFiles(NO_FILES);
      onDone();
    },
  });

  const faulty = Object.keys(faults).length > 0 || !keys.length;
  const start = () => {
    setTried(true);
    if (!faulty) form.start();
  };
  return (
    <div className={css.form}>
      <p className={css.help}>
        Film the small checkerboard with each camera, 20 to 30 seconds: near and far, tilted, and
        slowly through the whole picture up to its corners. The board must be flat and its light
        even. Ten to twenty sharp pictures per camera work as well.
      </p>
      <BoardFields
        draft={board}
        faults={tried ? faults : {}}
        squareHelp="Measure over several squares with a ruler, and divide."
        onChange={setBoard}
      />
      <div className={css.short}>
        <Field
          label="Kind of lens"
          help="GoPros in wide mode bend straight lines so much that they need fisheye."
        >
          {(control) => (
            <Select {...control} value={lens} onChange={(e) => setLens(e.target.value as Lens)}>
              <option value="pinhole">Standard (pinhole with distortion)</option>
              <option value="fisheye">Very wide (fisheye)</option>
            </Select>
          )}
        </Field>
      </div>
      <CameraFiles
        cameras={cameras}
        draft={files}
        hint="Images or one video per camera. A folder with one sub-folder per camera is sorted automatically."
        fault={
          tried && !keys.length ? 'Choose images or a video of at least one camera.' : undefined
        }
        onChange={setFiles}
      />
      <FormFooter
        form={form}
        act="Calibrate the lenses"
        fault={
          tried && faulty
            ? 'Some things are still missing; they are marked above.'
            : keys.length > 0 && without.length > 0
              ? `No files of ${without.join(', ')}: ${base ? 'what is known of it stays as it is' : 'its lens stays unknown'}.`
              : null
        }
        onStart={start}
        onCancel={onClose}
      />
    </div>
  );
}

interface LensStepProps {
  recordingId: number;
  cameras: readonly NamedCamera[];
  versions: readonly Calibration[];
  phase: Phase;
  /** The version that this phase speaks of. */
  shown: Calibration | null;
  mayChange: boolean;
  onDone: () => void;
  onImport: () => void;
}

/** How each lens bends what it sees, from pictures of a small board. */
export function LensStep(props: LensStepProps) {
  const { recordingId, cameras, versions, phase, shown, mayChange, onDone, onImport } = props;
  const found = shown !== null && cameras.some((c) => lensReport(shown, versions, c.id));
  const [again, setAgain] = useState(false);
  const lenses = cameras.filter((c) => cameraIn(shown, c.id)).length;
  const known = lenses > 0;
  const all = lenses === cameras.length;
  const form = mayChange && (!all || again);
  return (
    <>
      {shown && found ? (
        <LensResults cameras={cameras} version={shown} versions={versions} />
      ) : null}
      {known && !found ? (
        <p className={css.help}>
          The lenses came with a file or with the recording; nothing is known about how they were
          measured.
        </p>
      ) : null}
      {form ? (
        <LensForm
          key={phase}
          recordingId={recordingId}
          cameras={cameras}
          phase={phase}
          base={baseFor(versions, phase)}
          onDone={() => {
            setAgain(false);
            onDone();
          }}
          onClose={all ? () => setAgain(false) : undefined}
        />
      ) : null}
      {mayChange && !form ? (
        <div>
          <Button onClick={() => setAgain(true)}>Calibrate lenses again</Button>
        </div>
      ) : null}
      {form && !known ? (
        <p className={css.help}>
          Do you have a file from another program?{' '}
          <button type="button" className={css.link} onClick={onImport}>
            Import it
          </button>{' '}
          instead: it holds lenses and places.
        </p>
      ) : null}
      {!mayChange && !known ? (
        <p className={css.help}>A maintainer calibrates the cameras here.</p>
      ) : null}
    </>
  );
}
