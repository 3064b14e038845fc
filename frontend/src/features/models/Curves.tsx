import { Plot } from '@/shared/ui/plots/Plot';
import plots from '@/shared/ui/plots/plots.module.css';
import { type Line, rangeOf } from './curves';
import css from './RunPage.module.css';
import { inScore } from './runWords';

const HEIGHT = 168;
const LEFT = 48;
const RIGHT = 84;
const TOP = 10;
const GROUND = HEIGHT - 22;
const NAME_PX = 13;

/** Names beside the ends of lines, moved apart where they would meet. */
function placed(ends: readonly { name: string; y: number }[]): { name: string; y: number }[] {
  let last = Number.NEGATIVE_INFINITY;
  return ends
    .toSorted((a, b) => a.y - b.y)
    .map(({ name, y }) => {
      last = Math.max(y, last + NAME_PX);
      return { name, y: last };
    });
}

interface CurvesProps {
  title: string;
  lines: readonly Line[];
  /** What is said before there is a point. */
  empty: string;
}

/** Lines over the steps of a training. */
export function Curves({ title, lines, empty }: CurvesProps) {
  const drawn = lines.filter((line) => line.points.length);
  const [x0, x1] = rangeOf(drawn, 'x');
  const [y0, y1] = rangeOf(drawn, 'y');
  return (
    <figure className={plots.figure}>
      <figcaption>
        <strong>{title}</strong>
      </figcaption>
      {drawn.length ? (
        <Plot label={title} height={HEIGHT}>
          {(width) => {
            const x = (v: number) => LEFT + ((width - LEFT - RIGHT) * (v - x0)) / (x1 - x0);
            const y = (v: number) => GROUND - ((GROUND - TOP) * (v - y0)) / (y1 - y0);
            const ends = drawn.map((line) => ({
              name: line.name,
              y: y(line.points.at(-1)?.y ?? y0),
            }));
            return (
              <>
                <line x1={LEFT} x2={width - RIGHT} y1={GROUND} y2={GROUND} className={plots.axis} />
                <text x={LEFT - 6} y={TOP} className={plots.end}>
                  {inScore(y1)}
                </text>
                <text x={LEFT - 6} y={GROUND} className={plots.end}>
                  {inScore(y0)}
                </text>
                <text x={LEFT} y={HEIGHT - 4} className={plots.below}>
                  {x0.toLocaleString('en')}
                </text>
                <text x={width - RIGHT} y={HEIGHT - 4} className={plots.below}>
                  {`step ${x1.toLocaleString('en')}`}
                </text>
                {drawn.map((line, i) => (
                  <g key={line.name} className={css.line} data-tone={i % 6}>
                    <polyline
                      points={line.points.map((p) => `${x(p.x)},${y(p.y)}`).join(' ')}
                      fill="none"
                    />
                    {line.points.length < 40
                      ? line.points.map((p) => (
                          <circle key={`${p.x}`} cx={x(p.x)} cy={y(p.y)} r={2.5}>
                            <title>{`${line.name} ${inScore(p.y)} at step ${p.x}`}</title>
                          </circle>
                        ))
                      : null}
                  </g>
                ))}
                {placed(ends).map((end) => (
                  <text key={end.name} x={width - RIGHT + 8} y={end.y} className={css.lineName}>
                    {end.name.replace(/^loss_/, '')}
                  </text>
                ))}
              </>
            );
          }}
        </Plot>
      ) : (
        <p className={css.empty}>{empty}</p>
      )}
    </figure>
  );
}
