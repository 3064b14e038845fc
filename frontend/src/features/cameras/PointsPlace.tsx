import { useEffect, useState } from 'react';
import { Kbd, Notice, Tabs } from '@/shared/ui';
import { Backgrounds, useBackgrounds } from './Backgrounds';
import css from './CamerasPage.module.css';
import { FormFooter } from './FormFooter';
import { PasteDialog } from './PasteDialog';
import { PointPicture } from './PointPicture';
import own from './PointsPlace.module.css';
import { PointsTable } from './PointsTable';
import type { PlaceFormProps } from './placeForm';
import {
  GOOD_POINTS,
  loadPoints,
  newRow,
  nextUnseen,
  type PointRow,
  place,
  pointsFault,
  savePoints,
  seenBy,
  titleOf,
  toScenePoints,
} from './points';
import { cameraIn } from './state';
import { useCalibrationForm } from './useCalibrationForm';

/** Places from points of known position that are clicked in each camera's picture. */
export function PointsPlace({
  recordingId,
  cameras,
  phase,
  base,
  onDone,
  onClose,
}: PlaceFormProps) {
  const known = cameras.filter((c) => cameraIn(base, c.id));
  const [rows, setRows] = useState<PointRow[]>(() => loadPoints(recordingId));
  const [cameraId, setCameraId] = useState(known[0]?.id ?? 0);
  const [chosen, setChosen] = useState(0);
  const [pasting, setPasting] = useState(false);
  const [tried, setTried] = useState(false);
  const [pictureFault, setPictureFault] = useState<string | null>(null);
  const backgrounds = useBackgrounds(recordingId, known);
  // −1: all are there, and a stray click must not move one.
  const selected = Math.min(chosen, rows.length - 1);
  const row = rows[selected];
  const camera = cameraIn(base, cameraId);
  const name = known.find((c) => c.id === cameraId)?.name ?? 'the camera';
  const url = backgrounds.urlOf(cameraId);

  useEffect(() => savePoints(recordingId, rows), [recordingId, rows]);

  const fault = pointsFault(rows, known);
  const form = useCalibrationForm({
    recordingId,
    files: [],
    request: () => ({ step: 'points', phase, based_on: base.id, points: toScenePoints(rows) }),
    onDone,
  });
  const put = (at: [number, number] | null, goOn: boolean) => {
    const next = place(rows, selected, cameraId, at);
    setRows(next);
    if (goOn) setChosen(nextUnseen(next, selected, cameraId) ?? -1);
  };
  const few = known.filter((c) => {
    const seen = seenBy(rows, c.id);
    return seen > 0 && seen < GOOD_POINTS;
  });
  return (
    <>
      <p className={css.help}>
        Measure at least {GOOD_POINTS} points in the room, at different heights and not all in a
        line: corners of furniture, marks on the floor. Then click each in the picture of every
        camera that sees it.
      </p>
      <Backgrounds backgrounds={backgrounds} cameras={known} />
      <div className={own.columns}>
        <Tabs
          label="Camera"
          value={String(cameraId)}
          onChange={(value) => {
            const id = Number(value);
            setCameraId(id);
            setPictureFault(null);
            setChosen(rows.findIndex((r) => !r.seen[id]));
          }}
          tabs={known.map((c) => ({
            value: String(c.id),
            label: c.name,
            count: seenBy(rows, c.id),
          }))}
        >
          <div className={own.picture}>
            {pictureFault ? <Notice tone="error">{pictureFault}</Notice> : null}
            {url && camera ? (
              <PointPicture
                key={`${cameraId} ${url}`}
                url={url}
                size={camera}
                cameraName={name}
                marks={rows.flatMap((r, index) => {
                  const at = r.seen[cameraId];
                  return at ? [{ index, title: r.name.trim() || String(index + 1), at }] : [];
                })}
                selected={selected}
                selectedTitle={row ? titleOf(row, selected) : null}
                onPlace={(at) => {
                  if (row) put(at, !row.seen[cameraId]);
                  else if (!rows.length) {
                    setRows(place([newRow()], 0, cameraId, at));
                    setChosen(0);
                  }
                }}
                onNudge={(at) => put(at, false)}
                onRemove={() => put(null, false)}
                onFault={setPictureFault}
              />
            ) : (
              <Notice>
                There is no picture of this camera. Choose a photo of it, in the mode in which it
                films.
              </Notice>
            )}
            <p className={own.keys}>
              Click places the chosen point; then <Kbd>←</Kbd>
              <Kbd>→</Kbd>
              <Kbd>↑</Kbd>
              <Kbd>↓</Kbd> move it by 1 px, with <Kbd>Shift</Kbd> by 10, with <Kbd>Alt</Kbd> by a
              tenth. <Kbd>Del</Kbd> removes it. The wheel zooms, dragging pans.
            </p>
          </div>
        </Tabs>
        <div className={own.side}>
          <p className={own.now} role="status">
            {row ? (
              <>
                <strong>{titleOf(row, selected)}</strong>{' '}
                {row.seen[cameraId] ? 'is placed in' : 'is next in'} {name}
              </>
            ) : rows.length ? (
              `All points are placed in ${name}. Choose one to move it.`
            ) : (
              'Enter or paste the positions of your points.'
            )}
          </p>
          <PointsTable
            rows={rows}
            cameras={known}
            selected={selected}
            onSelect={setChosen}
            onChange={setRows}
            onPaste={() => setPasting(true)}
          />
          <p className={css.help}>
            X and Y lie on the floor, Z points up; all in metres. Points are kept in this browser
            until you remove them.{' '}
            {few.length
              ? `${few.map((c) => c.name).join(', ')} ${few.length === 1 ? 'has' : 'have'} fewer than ${GOOD_POINTS} points: 4 are enough, and more are better.`
              : null}
          </p>
        </div>
      </div>
      <FormFooter
        form={form}
        act="Place the cameras"
        fault={tried ? fault : null}
        onStart={() => {
          setTried(true);
          if (!fault) form.start();
        }}
        onCancel={onClose}
      />
      {pasting ? (
        <PasteDialog
          onClose={() => setPasting(false)}
          onPoints={(points) => {
            const filled = rows.filter((r) => r.name || r.xyz.some((cell) => cell));
            setRows([...filled, ...points.map((p) => newRow(p.name, p.xyz))]);
            setChosen(filled.length);
            setPasting(false);
          }}
        />
      ) : null}
    </>
  );
}
