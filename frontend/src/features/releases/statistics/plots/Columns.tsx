import { formatNumber } from '@/shared/lib/format';
import { Plot } from '@/shared/ui/plots/Plot';
import css from '@/shared/ui/plots/plots.module.css';
import { FramesLink } from '../../FramesLink';
import { type Row, totalOf } from '../rows';

const HEIGHT_PX = 168;
const TOP_PX = 18;
const GROUND_PX = HEIGHT_PX - 22;
const MOST_COLUMN_PX = 64;
/** Columns that are narrower have no room for their number. */
const NUMBERED_FROM_PX = 34;

interface ColumnsProps {
  releaseId: number;
  label: string;
  /** What the names below the columns are. */
  unit: string;
  rows: readonly Row[];
}

/** A histogram; each column leads to its frames. */
export function Columns({ releaseId, label, unit, rows }: ColumnsProps) {
  const most = Math.max(...rows.map(totalOf), 1);
  return (
    <div>
      <Plot label={label} height={HEIGHT_PX}>
        {(width) => {
          const step = Math.min(MOST_COLUMN_PX, width / Math.max(rows.length, 1));
          return (
            <>
              <line
                x1={0}
                x2={step * rows.length}
                y1={GROUND_PX}
                y2={GROUND_PX}
                className={css.axis}
              />
              {rows.map((row, i) => (
                <g key={row.label} transform={`translate(${i * step} 0)`}>
                  <Column releaseId={releaseId} row={row} unit={unit} step={step} most={most} />
                </g>
              ))}
            </>
          );
        }}
      </Plot>
      <p className={css.unit}>{unit}</p>
    </div>
  );
}

interface ColumnProps {
  releaseId: number;
  row: Row;
  unit: string;
  /** Its place's width in pixels. */
  step: number;
  most: number;
}

function Column({ releaseId, row, unit, step, most }: ColumnProps) {
  const total = totalOf(row);
  const tall = Math.max(1, ((GROUND_PX - TOP_PX) * total) / most);
  const search = row.parts[0]?.search;
  const words = `${row.label} ${unit}: ${formatNumber(total)}`;
  return (
    <>
      {total && search ? (
        <FramesLink releaseId={releaseId} search={search} className={css.bar} label={words}>
          <rect
            x={step * 0.12}
            y={GROUND_PX - tall}
            width={step * 0.76}
            height={tall}
            className={css.part0}
          >
            <title>{words}</title>
          </rect>
        </FramesLink>
      ) : null}
      {total && step > NUMBERED_FROM_PX ? (
        <text x={step / 2} y={GROUND_PX - tall - 5} className={css.above}>
          {formatNumber(total)}
        </text>
      ) : null}
      <text x={step / 2} y={HEIGHT_PX - 6} className={css.below}>
        {row.label}
      </text>
    </>
  );
}
