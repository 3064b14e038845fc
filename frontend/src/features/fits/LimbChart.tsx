import { useMemo } from 'react';
import { type LimbSeries, limbSeries } from '@/features/fits/bodies/limbs';
import css from './LimbChart.module.css';
import { PanelSection } from './PanelSection';
import { useWorkbench } from './workbench';

const WIDTH = 80;
const HEIGHT = 20;
/** Part of the median that reaches from the middle of a line to its edge. */
const SPAN = 0.25;
/** Above this spread a limb's joints deserve a look. */
const WIDE = 0.08;

function path({ lengths, median }: LimbSeries): string {
  const step = lengths.length > 1 ? WIDTH / (lengths.length - 1) : 0;
  let open = false;
  return lengths
    .map((length, i) => {
      if (length === null) {
        open = false;
        return '';
      }
      const off = Math.max(-1, Math.min(1, (length / median - 1) / SPAN));
      const point = `${open ? 'L' : 'M'}${(i * step).toFixed(1)},${(HEIGHT / 2 - (off * HEIGHT) / 2).toFixed(1)}`;
      const alone = !open && (lengths[i + 1] ?? null) === null;
      open = true;
      return alone ? `${point}h1` : point;
    })
    .join('');
}

/** Whether limbs keep their length over the recording, as bones do. */
export function LimbChart() {
  const { data, fit } = useWorkbench();
  const { limbs, measured } = useMemo(() => limbSeries(data.fits), [data.fits]);
  const at = data.fits.findIndex((f) => f.id === fit?.id);
  if (!limbs.length || data.fits.length < 2) return null;
  const x = at < 0 ? null : (at / (data.fits.length - 1)) * WIDTH;
  return (
    <PanelSection title="Limb lengths over the recording">
      <table className={css.table}>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Limb</th>
            <th scope="col">Median</th>
            <th scope="col">Spread</th>
            <th scope="col">Over time</th>
          </tr>
        </thead>
        <tbody>
          {limbs.map((limb) => (
            <tr key={limb.name}>
              <th scope="row">{limb.label}</th>
              <td>{(100 * limb.median).toFixed(1)} cm</td>
              <td className={limb.spread > WIDE ? css.wide : undefined}>
                ±{(100 * limb.spread).toFixed(limb.spread < 0.1 ? 1 : 0)} %
              </td>
              <td>
                <svg
                  width={WIDTH}
                  height={HEIGHT}
                  viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
                  role="img"
                  aria-label={`${limb.label} over time`}
                >
                  <path d={`M0,${HEIGHT / 2}h${WIDTH}`} className={css.base} />
                  {x === null ? null : <path d={`M${x},0v${HEIGHT}`} className={css.now} />}
                  <path d={path(limb)} className={css.line} data-side={limb.side} />
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={css.note}>
        {measured
          ? 'Between triangulated joints, apart from any body; edges of a line are ±25%. '
          : 'Of the fitted body: one view alone measures no lengths. '}
        Bones do not grow within an hour: jumps are errors in placing joints.
      </p>
    </PanelSection>
  );
}
