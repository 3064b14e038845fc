import { useEffect, useState } from 'react';
import { Checkbox, Field, Select } from '@/shared/ui';
import { BoardFields } from './BoardFields';
import { type BoardDraft, boardFaults, loadBoard, saveBoard, toBoard } from './board';
import { CameraFiles } from './CameraFiles';
import css from './CamerasPage.module.css';
import { FormFooter } from './FormFooter';
import { type CameraFilesDraft, keysOf, NO_FILES, toUploads } from './files';
import type { PlaceFormProps } from './placeForm';
import type { Match } from './queries';
import { cameraIn } from './state';
import { useCalibrationForm } from './useCalibrationForm';

const MATCHES: Record<Match, string> = {
  auto: 'Their names where they agree, else their order',
  order: 'Their place in the order',
  name: 'Their names, or the last number in them',
  time: 'The time at which they were taken',
};

/** Why files cannot be paired yet; null when they can. */
function filesFault(
  draft: CameraFilesDraft,
  names: Map<number, string>,
  match: Match,
): string | null {
  const filled = [...names.keys()].filter((id) => draft.of[id]?.length);
  if (filled.length < 2) return 'Choose pictures of at least two cameras.';
  const counts = filled.map((id) => draft.of[id]?.length ?? 0);
  if (match !== 'order' || Math.min(...counts) === Math.max(...counts)) return null;
  const words = filled.map((id) => `${names.get(id)} ${draft.of[id]?.length}`).join(', ');
  return `The cameras have different numbers of pictures (${words}). The first pictures of each belong together, then the second, and so on.`;
}

/** Only the files of cameras whose lens is known. */
function ofKnown(draft: CameraFilesDraft, names: Map<number, string>): CameraFilesDraft {
  const filled = Object.entries(draft.of).filter(([id]) => names.has(Number(id)));
  return { ...draft, of: Object.fromEntries(filled) };
}

/** Places from a board that several cameras see at once. */
export function BoardPlace({ recordingId, cameras, phase, base, onDone, onClose }: PlaceFormProps) {
  const [board, setBoard] = useState<BoardDraft>(() => loadBoard('large'));
  const [onFloor, setOnFloor] = useState(true);
  const [match, setMatch] = useState<Match>('auto');
  const [files, setFiles] = useState(NO_FILES);
  const [tried, setTried] = useState(false);
  const known = cameras.filter((c) => cameraIn(base, c.id));
  const names = new Map(known.map((c) => [c.id, c.name]));
  const unknown = cameras.filter((c) => !names.has(c.id)).map((c) => c.name);
  const faults = boardFaults(board);
  const fault = filesFault(files, names, match);
  const faulty = Object.keys(faults).length > 0 || fault !== null;

  useEffect(() => saveBoard('large', board), [board]);

  const form = useCalibrationForm({
    recordingId,
    files: keysOf(files),
    request: (idOf) => {
      const whole = toBoard(board);
      return whole
        ? {
            step: 'extrinsics',
            phase,
            based_on: base.id,
            board: whole,
            images: toUploads(ofKnown(files, names), idOf),
            board_on_floor: onFloor,
            match,
          }
        : null;
    },
    onDone: () => {
      setFiles(NO_FILES);
      onDone();
    },
  });
  const anything = keysOf(files).length > 0;
  return (
    <>
      <p className={css.help}>
        Lay the large board on the floor where all cameras see it, then carry it slowly through the
        room and turn it towards the cameras. Two cameras are linked wherever both see the board at
        the same moment; they need not all see it at once.
      </p>
      <BoardFields
        draft={board}
        faults={tried ? faults : {}}
        squareHelp="Measure it carefully: this length sets the scale of everything that follows."
        onChange={setBoard}
      />
      <Checkbox
        checked={onFloor}
        onChange={setOnFloor}
        label="In the first picture the board lies on the floor"
        help="Then the floor is at height 0 and the vertical axis points up; body fits use this."
      />
      <CameraFiles
        cameras={cameras}
        draft={files}
        numbered
        hint="Pictures taken at the same times, in the same order, or videos recorded at the same time. Folders named after cameras are sorted automatically."
        fault={tried && !anything ? (fault ?? undefined) : undefined}
        onChange={setFiles}
      />
      <div className={css.short}>
        <Field
          label="Pictures of one moment have in common"
          help="Of videos it is the time from their first frame. The result says how they were matched."
        >
          {(control) => (
            <Select {...control} value={match} onChange={(e) => setMatch(e.target.value as Match)}>
              {Object.entries(MATCHES).map(([value, words]) => (
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
        act="Place the cameras"
        fault={
          anything && fault
            ? fault
            : tried && faulty
              ? 'Some things are still missing; they are marked above.'
              : names.size < cameras.length
                ? `A camera without a known lens cannot be placed: ${unknown.join(', ')}.`
                : null
        }
        onStart={() => {
          setTried(true);
          if (!faulty) form.start();
        }}
        onCancel={onClose}
      />
    </>
  );
}
