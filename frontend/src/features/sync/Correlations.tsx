import { TriangleAlert } from 'lucide-react';
import type { Camera } from '@/shared/api/types';
import { cx } from '@/shared/ui';
import css from './Correlations.module.css';
import { type Clocks, expectedLag, percent, signedMs } from './clocks';
import type { SyncPair } from './queries';

const WIDTH = 240;
const HEIGHT = 64;

function Plot({ pair, expected, names }: { pair: SyncPair; expected: number; names: string }) {
  const { curve } = pair;
  if (!curve || curve.values.length < 2) return <div className={css.empty}>No curve</div>;
  const reach = curve.step_ms * (curve.values.length - 1);
  const top = Math.max(...curve.values, 1e-6);
  const bottom = Math.min(...curve.values, 0);
  const x = (ms: number) => ((ms - curve.start_ms) / reach) * WIDTH;
  const y = (value: number) => HEIGHT - 4 - ((value - bottom) / (top - bottom)) * (HEIGHT - 8);
  const line = curve.values
    .map((value, i) => `${x(curve.start_ms + i * curve.step_ms).toFixed(1)},${y(value).toFixed(1)}`)
    .join(' ');
  const inside = expected >= curve.start_ms && expected <= curve.start_ms + reach;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className={css.plot}
      role="img"
      aria-label={`Correlation of ${names} by lag, greatest at ${signedMs(pair.lag_ms)}`}
      preserveAspectRatio="none"
    >
      <line x1={0} x2={WIDTH} y1={y(0)} y2={y(0)} className={css.zero} />
      <line x1={x(pair.lag_ms)} x2={x(pair.lag_ms)} y1={0} y2={HEIGHT} className={css.measured} />
      <polyline points={line} className={css.curve} />
      {inside ? (
        <line x1={x(expected)} x2={x(expected)} y1={0} y2={HEIGHT} className={css.expected} />
      ) : null}
    </svg>
  );
}

/** Likeness of each pair of cameras by lag; the dashed line is what the offsets at hand expect. */
export function Correlations({
  pairs,
  cameras,
  clocks,
}: {
  pairs: readonly SyncPair[];
  cameras: readonly Camera[];
  clocks: Clocks;
}) {
  const nameOf = (id: number) => cameras.find((camera) => camera.id === id)?.name ?? `camera ${id}`;
  return (
    <ul className={css.grid}>
      {pairs.map((pair) => {
        const expected = expectedLag(pair, clocks);
        const names = `${nameOf(pair.first)} and ${nameOf(pair.second)}`;
        const off = pair.lag_ms - expected;
        return (
          <li key={`${pair.first}-${pair.second}`} className={css.pair}>
            <header>
              <span>
                {nameOf(pair.first)} – {nameOf(pair.second)}
              </span>
              <span className={css.lag}>{signedMs(pair.lag_ms)}</span>
            </header>
            <Plot pair={pair} expected={expected} names={names} />
            <footer className={cx(!pair.agrees && css.disagrees)}>
              {pair.agrees ? null : <TriangleAlert size={12} aria-hidden />}
              <span>
                {pair.agrees ? '' : 'Contradicts the others · '}
                {Math.abs(off) < 0.05
                  ? 'as the offsets predict'
                  : `${signedMs(off)} off the offsets`}
              </span>
              <span title="The chance that this is the right lag">
                {percent(pair.quality)} chance
              </span>
            </footer>
          </li>
        );
      })}
    </ul>
  );
}
