import type { Propagation } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import css from './travel.module.css';
import { percent } from './words';

const WIDTH = 280;
const HEIGHT = 64;

/** The expected error over the frames that people confirmed. */
export function Falling({ history, target }: { history: Propagation['history']; target: number }) {
  const top = Math.max(target, ...history.map((one) => one.expected_error)) * 1.05;
  const y = (error: number): number => HEIGHT - (HEIGHT * error) / top;
  const first = history[0]?.confirmed ?? 0;
  const last = Math.max(first + 1, ...history.map((one) => one.confirmed));
  const x = (confirmed: number): number => (WIDTH * (confirmed - first)) / (last - first);
  const points = history.map((one) => `${x(one.confirmed)},${y(one.expected_error)}`).join(' ');
  const end = history.at(-1);
  const words = `From ${percent(history[0]?.expected_error ?? 0)} with ${count(first, 'frame')} confirmed to ${percent(end?.expected_error ?? 0)} with ${end?.confirmed ?? 0}`;
  return (
    <figure className={css.falling}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words}
      >
        <line className={css.aim} x1={0} x2={WIDTH} y1={y(target)} y2={y(target)} />
        <polyline className={css.fall} points={points} />
      </svg>
      <figcaption>
        <span>{first} confirmed</span>
        <span>{last} confirmed</span>
      </figcaption>
    </figure>
  );
}
