import { formatMm } from '@/features/fits/bodies/confidence';
import { formatPx } from '@/features/fits/bodies/facts';
import { JOINT_LABELS, JOINT_SIDES } from '@/shared/domain/rules.gen';
import { cx } from '@/shared/ui';
import css from './ErrorTable.module.css';
import { PanelSection } from './PanelSection';
import { useWorkbench } from './workbench';

/** From here a joint was hardly seen (`UNSEEN_MM` of `domain/fit_quality.py`). */
const WIDE_MM = 40;

/** How strongly a cell is tinted: nothing at 0 px, full at the gate. */
function heat(px: number | null, gatePx: number): number {
  return px === null ? 0 : Math.min(1, px / gatePx);
}

function ErrorCell({ px, gatePx }: { px: number | null; gatePx: number }) {
  const beyond = px !== null && px > gatePx;
  return (
    <td
      className={cx(css.cell, beyond && css.beyond)}
      style={{ '--heat': heat(px, gatePx) } as React.CSSProperties}
    >
      {px === null ? <span className={css.none}>–</span> : formatPx(px)}
    </td>
  );
}

/** Reprojection errors of this fit per joint and view, in pixels, and how sure each joint is. */
export function ErrorTable() {
  const { fit, cameras, gatePx, defaults } = useWorkbench();
  if (!fit) return null;
  const views = cameras.map((camera) => fit.views.find((v) => v.camera_id === camera.id));
  const widths = fit.intervals_mm;
  const share = Math.round(100 * defaults.interval_share);
  return (
    <PanelSection title="Error per joint and view, px">
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Joint</span>
            </th>
            {cameras.map((camera, i) => (
              <th key={camera.id} scope="col" title={camera.name}>
                <span className="visually-hidden">{camera.name}</span>
                <span aria-hidden>{i + 1}</span>
              </th>
            ))}
            {widths ? (
              <th
                scope="col"
                title={`The joint lies so near with a probability of ${share} %, in the direction in which least is known`}
              >
                ± mm
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {JOINT_LABELS.map((label, k) => (
            <tr key={label}>
              <th scope="row">
                <i data-side={JOINT_SIDES[k]} aria-hidden />
                {label}
              </th>
              {cameras.map((camera, i) => (
                <ErrorCell key={camera.id} px={views[i]?.errors[k] ?? null} gatePx={gatePx} />
              ))}
              {widths ? (
                <td className={cx(css.width, (widths[k] ?? 0) > WIDE_MM && css.wide)}>
                  {formatMm(widths[k])}
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">mean</th>
            {cameras.map((camera, i) => (
              <ErrorCell key={camera.id} px={views[i]?.mean_error_px ?? null} gatePx={gatePx} />
            ))}
          </tr>
          {views.some((v) => v?.mask_iou !== null && v?.mask_iou !== undefined) ? (
            <tr>
              <th scope="row" title="Overlap of the body's outline and the infant's mask, 0 to 1">
                mask overlap
              </th>
              {cameras.map((camera, i) => (
                <td key={camera.id} className={css.cell}>
                  {views[i]?.mask_iou?.toFixed(2).replace(/^0/, '') ?? '–'}
                </td>
              ))}
            </tr>
          ) : null}
        </tfoot>
      </table>
    </PanelSection>
  );
}
