import type { Calibration } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import { Cell, cx, HeadCell, Notice, Table } from '@/shared/ui';
import type { NamedCamera } from './distribute';
import { GradeBadge } from './LensResults';
import css from './PlaceResults.module.css';
import { reportOf } from './queries';
import { atLast, ORIGIN_LABELS } from './state';
import { TopView } from './TopView';
import { px, reasonWords, spreadOf } from './words';

/** From here on a clicked point is marked: it was probably misplaced. */
const FAR_PX = 3;

interface PlaceResultsProps {
  cameras: readonly NamedCamera[];
  version: Calibration;
}

/** Where the cameras stand, and how well that agrees with what they saw. */
export function PlaceResults({ cameras, version }: PlaceResultsProps) {
  const { extrinsics, joints, warnings = [] } = reportOf(version);
  const name = (id: number) => cameras.find((c) => c.id === id)?.name ?? `camera ${id}`;
  const points = extrinsics?.points ?? [];
  const dropped = extrinsics?.dropped ?? [];
  const flips = extrinsics?.flips_resolved ?? 0;
  const rms = extrinsics?.rms_px ?? null;
  return (
    <div className={css.place}>
      <TopView
        cameras={version.cameras.map(atLast)}
        nameOf={name}
        points={points.flatMap((p, i) =>
          p.xyz ? [{ name: p.name ?? `Point ${i + 1}`, xyz: p.xyz }] : [],
        )}
      />
      <div className={css.figures}>
        {warnings.map((warning) => (
          <Notice key={warning} tone="warn">
            {warning}
          </Notice>
        ))}
        {extrinsics?.missing?.map((words) => (
          <Notice key={words}>{words}</Notice>
        ))}
        <dl className={css.facts}>
          <div>
            <dt>From</dt>
            <dd>{ORIGIN_LABELS[version.origin] ?? version.origin}</dd>
          </div>
          {rms === null ? null : (
            <div>
              <dt>Reprojection error</dt>
              <dd>
                {px(rms)} RMS <GradeBadge rms={rms} />
              </dd>
            </div>
          )}
          {extrinsics?.moments_used && version.origin !== 'points' ? (
            <div>
              <dt>Moments used</dt>
              <dd>
                {extrinsics.moments_used}
                {dropped.length ? `, ${dropped.length} dropped` : ''}
              </dd>
            </div>
          ) : null}
          {extrinsics?.matched_by && extrinsics.matched_by !== 'order' ? (
            <div>
              <dt>Pictures matched</dt>
              <dd>by {extrinsics.matched_by}</dd>
            </div>
          ) : null}
          {joints ? (
            <>
              <div>
                <dt>Marks used</dt>
                <dd>
                  {joints.marks}, scatter {px(joints.sd_px)}
                </dd>
              </div>
              <div title="Median distance from a mark to where the other cameras see the joint">
                <dt>Moments left out</dt>
                <dd>
                  {px(joints.left_out_before_px)} before, {px(joints.left_out_after_px)} after
                </dd>
              </div>
            </>
          ) : null}
          {flips > 0 ? (
            <div>
              <dt>Board turned round</dt>
              <dd>{count(flips, 'view')}, corrected</dd>
            </div>
          ) : null}
        </dl>
        <KnownTo cameras={cameras} version={version} />
        {extrinsics?.pairs?.length ? (
          <ul className={css.pairs} aria-label="Cameras that saw the board at once">
            {extrinsics.pairs.map(({ a, b, shared }) => (
              <li key={`${a} ${b}`} className={cx(shared === 0 && css.none)}>
                {name(a)} – {name(b)} <b>{shared}</b>
              </li>
            ))}
          </ul>
        ) : null}
        {points.length ? <PointErrors cameras={cameras} version={version} /> : null}
        {dropped.length ? (
          <ul className={css.dropped} aria-label="Dropped moments">
            {dropped.map((view, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat
              <li key={`${view.file} ${index}`}>
                <b>Dropped: {view.file}</b> {reasonWords(view.reason)}
              </li>
            ))}
          </ul>
        ) : null}
      </div>
    </div>
  );
}

/** How exactly each place is known: one standard deviation. */
function KnownTo({ cameras, version }: PlaceResultsProps) {
  const known = version.cameras.map(atLast).flatMap((camera) => {
    const spread = spreadOf(camera);
    const name = cameras.find((c) => c.id === camera.camera_id)?.name;
    return spread && name ? [{ name, ...spread }] : [];
  });
  if (!known.length) return null;
  return (
    <Table aria-label="How exactly each place is known">
      <thead>
        <tr>
          <HeadCell>Place known to</HeadCell>
          <HeadCell numeric title="One standard deviation, relative to all cameras together">
            mm
          </HeadCell>
          <HeadCell numeric>degrees</HeadCell>
        </tr>
      </thead>
      <tbody>
        {known.map(({ name, millimetres, degrees }) => (
          <tr key={name}>
            <Cell>{name}</Cell>
            <Cell numeric>± {millimetres.toFixed(1)}</Cell>
            <Cell numeric>± {degrees.toFixed(2)}</Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function PointErrors({ cameras, version }: PlaceResultsProps) {
  const points = reportOf(version).extrinsics?.points ?? [];
  return (
    <Table aria-label="Error of each point, px">
      <thead>
        <tr>
          <HeadCell>Point</HeadCell>
          {cameras.map((camera) => (
            <HeadCell key={camera.id} numeric>
              {camera.name}
            </HeadCell>
          ))}
          <HeadCell numeric title="From where you measured it to where the cameras see it">
            In the room
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {points.map((point, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat, the order never changes
          <tr key={`${point.name} ${index}`}>
            <Cell>{point.name ?? `Point ${index + 1}`}</Cell>
            {cameras.map((camera) => {
              const error = point.errors[String(camera.id)];
              const none = error === undefined || error === null;
              return (
                <Cell
                  key={camera.id}
                  numeric
                  quiet={none}
                  className={cx(!none && error > FAR_PX && css.far)}
                >
                  {none ? '–' : px(error)}
                </Cell>
              );
            })}
            <Cell numeric quiet>
              {point.apart_mm === undefined || point.apart_mm === null
                ? '–'
                : `${point.apart_mm.toFixed(0)} mm`}
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
