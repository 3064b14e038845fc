import { Plot } from '@/shared/ui/plots/Plot';
import css from '@/shared/ui/plots/plots.module.css';

const LINE_PX = 20;
const NAMES_PX = 116;
const END_PX = 104;

export interface Range {
  label: string;
  low: number;
  middle: number;
  high: number;
}

interface RangesProps {
  label: string;
  unit: string;
  rows: readonly Range[];
}

/** From a low to a high value, with a mark at the middle one. */
export function Ranges({ label, unit, rows }: RangesProps) {
  const most = Math.max(...rows.map((row) => row.high), 1);
  return (
    <Plot label={label} height={rows.length * LINE_PX}>
      {(width) => {
        const room = Math.max(0, width - NAMES_PX - END_PX);
        const at = (value: number) => NAMES_PX + (room * value) / most;
        return rows.map((row, i) => {
          const y = (i + 0.5) * LINE_PX;
          return (
            <g key={row.label}>
              <title>{`${row.label}: ${row.low} to ${row.high}${unit}, mostly ${row.middle}${unit}`}</title>
              <text x={NAMES_PX - 8} y={y} className={css.name}>
                {row.label}
              </text>
              <line x1={NAMES_PX} x2={NAMES_PX + room} y1={y} y2={y} className={css.axis} />
              <line x1={at(row.low)} x2={at(row.high)} y1={y} y2={y} className={css.range} />
              <circle cx={at(row.middle)} cy={y} r={4} className={css.part0} />
              <text x={width} y={y} className={css.end}>
                {`${row.low}–${row.high}${unit}`}
              </text>
            </g>
          );
        });
      }}
    </Plot>
  );
}
