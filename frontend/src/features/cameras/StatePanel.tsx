import { CircleCheck, CircleDashed } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Calibration, Camera } from '@/shared/api/types';
import { formatRelative } from '@/shared/lib/format';
import { Badge, Cell, HeadCell, Notice, Table } from '@/shared/ui';
import { shiftWords, worstOf } from './drift';
import type { Drift } from './queries';
import css from './StatePanel.module.css';
import {
  cameraIn,
  current,
  inUse,
  newerUnused,
  nextStep,
  ORIGIN_LABELS,
  standOf,
  standWords,
} from './state';
import { TopView } from './TopView';
import { fieldOfView, px } from './words';

interface StatePanelProps {
  cameras: readonly Camera[];
  versions: readonly Calibration[];
  drift: Drift | null;
}

const NEXT: Record<ReturnType<typeof nextStep>, string> = {
  lens: 'Next: calibrate the lenses, so that it is known how each camera bends what it sees.',
  place: 'Next: place the cameras, so that what two of them see becomes a position in the room.',
  after:
    'Ready: editing across views and body fits use these cameras. Film the boards once more after the visit to notice if one was moved.',
  moved:
    'A camera moved during the visit. Joints of different views do not fit together as they should from then on.',
  none: 'Ready: the cameras stood still from before the visit until after it.',
};

function Known({ yes, children }: { yes: boolean; children: ReactNode }) {
  return (
    <span className={yes ? css.yes : css.no}>
      {yes ? <CircleCheck size={14} aria-hidden /> : <CircleDashed size={14} aria-hidden />}
      {children}
    </span>
  );
}

/** What is known about the cameras of this recording, and what to do next. */
export function StatePanel({ cameras, versions, drift }: StatePanelProps) {
  const shown = current(versions);
  const used = inUse(versions);
  const next = nextStep(versions, cameras, drift);
  const stand = standOf(shown, cameras);
  const newer = newerUnused(versions);
  const worst = drift ? worstOf(drift) : null;
  return (
    <section className={css.panel} aria-label="State of the cameras">
      <div className={css.text}>
        <header>
          <h2>{standWords(stand)}</h2>
          {used ? (
            <Badge tone="ok">Version {used.version} in use</Badge>
          ) : (
            <Badge>No version in use</Badge>
          )}
          {used ? (
            <span className={css.quiet}>
              {ORIGIN_LABELS[used.origin] ?? used.origin}, {formatRelative(used.created_at)}
              {used.created_by ? ` by ${used.created_by.name}` : ''}
            </span>
          ) : null}
        </header>
        {next === 'moved' && drift && worst ? (
          <Notice tone="error">
            <strong>{NEXT.moved}</strong> The worst is{' '}
            {cameras.find((c) => c.id === worst.camera_id)?.name ?? 'one of them'}: what it sees
            shifted by {shiftWords(worst)}, the limit is {px(drift.limit_px)}. Compare below, and
            decide which version to use; check body fits with care.
          </Notice>
        ) : (
          <p>{NEXT[next]}</p>
        )}
        {newer ? (
          <Notice>
            Version {newer.version} is newer, but not in use:{' '}
            {standOf(newer, cameras).ready
              ? 'choose it below if it should be.'
              : 'not all of its cameras have a place. Place them in step 2.'}
          </Notice>
        ) : null}
        <Table aria-label="Cameras">
          <thead>
            <tr>
              <HeadCell>Camera</HeadCell>
              <HeadCell>Picture</HeadCell>
              <HeadCell>Lens</HeadCell>
              <HeadCell>Place</HeadCell>
              <HeadCell numeric>Error</HeadCell>
            </tr>
          </thead>
          <tbody>
            {cameras.map((camera) => {
              const known = cameraIn(shown, camera.id);
              return (
                <tr key={camera.id}>
                  <td>
                    <strong className={css.name}>{camera.name}</strong>
                  </td>
                  <Cell quiet>
                    {camera.width && camera.height ? `${camera.width} × ${camera.height}` : '–'}
                  </Cell>
                  <td>
                    <Known yes={known !== null}>
                      {known
                        ? `${known.lens === 'fisheye' ? 'Fisheye' : 'Pinhole'}, ${fieldOfView(known)}° wide`
                        : 'unknown'}
                    </Known>
                  </td>
                  <td>
                    <Known yes={Boolean(known?.T_camera_world)}>
                      {known?.T_camera_world ? 'known' : 'unknown'}
                    </Known>
                  </td>
                  <Cell numeric quiet={!known?.rms_px}>
                    {known?.rms_px ? px(known.rms_px) : '–'}
                  </Cell>
                </tr>
              );
            })}
          </tbody>
        </Table>
      </div>
      {shown?.placed ? (
        <TopView cameras={shown.cameras} nameOf={(id) => cameras.find((c) => c.id === id)?.name} />
      ) : null}
    </section>
  );
}
