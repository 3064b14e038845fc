import type { Effort } from '@/shared/api/types';
import { Plot } from '@/shared/ui/plots/Plot';
import css from '@/shared/ui/plots/plots.module.css';
import { inWords, METRIC_LOOKS } from './metrics';
import type { Metric } from './search';

const LINE_PX = 24;
const BAR_PX = 14;
const NAMES_PX = 188;
const VALUE_PX = 72;
const HEIGHT_PX = 192;
const TOP_PX = 18;
const GROUND_PX = HEIGHT_PX - 22;
const MOST_COLUMN_PX = 64;
const NUMBERED_FROM_PX = 40;

interface MetricPlotProps {
  rows: readonly Effort[];
  metric: Metric;
  /** Weeks stand side by side in order of time; people and recordings below one another. */
  weeks: boolean;
}

export function MetricPlot({ rows, metric, weeks }: MetricPlotProps) {
  return weeks ? <Weeks rows={rows} metric={metric} /> : <Lines rows={rows} metric={metric} />;
}

const mostOf = (rows: readonly Effort[], metric: Metric) =>
  Math.max(...rows.map((row) => row[metric] ?? 0), Number.MIN_VALUE);

function Lines({ rows, metric }: Omit<MetricPlotProps, 'weeks'>) {
  const most = mostOf(rows, metric);
  return (
    <Plot label={METRIC_LOOKS[metric].label} height={rows.length * LINE_PX}>
      {(width) =>
        rows.map((row, i) => {
          const long = (Math.max(0, width - NAMES_PX - VALUE_PX) * (row[metric] ?? 0)) / most;
          const words = inWords(row, metric);
          return (
            <g key={row.key} transform={`translate(0 ${i * LINE_PX})`}>
              <text x={NAMES_PX - 8} y={LINE_PX / 2} className={css.name}>
                {row.name.length > 28 ? `${row.name.slice(0, 27)}…` : row.name}
              </text>
              <rect
                x={NAMES_PX}
                y={(LINE_PX - BAR_PX) / 2}
                width={row[metric] === null ? 0 : Math.max(long, 1)}
                height={BAR_PX}
                className={css.part0}
              >
                <title>{`${row.name}: ${words}`}</title>
              </rect>
              <text x={NAMES_PX + long + 8} y={LINE_PX / 2} className={css.value}>
                {words}
              </text>
            </g>
          );
        })
      }
    </Plot>
  );
}

function Weeks({ rows, metric }: Omit<MetricPlotProps, 'weeks'>) {
  const most = mostOf(rows, metric);
  return (
    <Plot label={METRIC_LOOKS[metric].label} height={HEIGHT_PX}>
      {(width) => {
        const step = Math.min(MOST_COLUMN_PX, width / Math.max(rows.length, 1));
        const every = Math.ceil(NUMBERED_FROM_PX / step);
        return (
          <>
            <line
              x1={0}
              x2={step * rows.length}
              y1={GROUND_PX}
              y2={GROUND_PX}
              className={css.axis}
            />
            {rows.map((row, i) => {
              const value = row[metric];
              const tall = value === null ? 0 : Math.max(1, ((GROUND_PX - TOP_PX) * value) / most);
              return (
                <g key={row.key} transform={`translate(${i * step} 0)`}>
                  <rect
                    x={step * 0.12}
                    y={GROUND_PX - tall}
                    width={step * 0.76}
                    height={tall}
                    className={css.part0}
                  >
                    <title>{`Week of ${row.name}: ${inWords(row, metric)}`}</title>
                  </rect>
                  {value !== null && step > NUMBERED_FROM_PX ? (
                    <text x={step / 2} y={GROUND_PX - tall - 5} className={css.above}>
                      {inWords(row, metric)}
                    </text>
                  ) : null}
                  {i % every === 0 ? (
                    <text x={step / 2} y={HEIGHT_PX - 6} className={css.below}>
                      {row.name.slice(5)}
                    </text>
                  ) : null}
                </g>
              );
            })}
          </>
        );
      }}
    </Plot>
  );
}
