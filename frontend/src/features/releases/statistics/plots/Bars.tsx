import { formatNumber, formatShare } from '@/shared/lib/format';
import { Plot } from '@/shared/ui/plots/Plot';
import css from '@/shared/ui/plots/plots.module.css';
import { FramesLink } from '../../FramesLink';
import { type Part, type Row, totalOf } from '../rows';

const LINE_PX = 24;
const BAR_PX = 14;
const NAMES_PX = 132;
const VALUE_PX = 72;

interface BarsProps {
  releaseId: number;
  label: string;
  rows: readonly Row[];
  /** Every bar is as long as its share of its own row. */
  shares?: boolean;
}

/** Lying bars of one or more parts, each of which leads to its frames. */
export function Bars({ releaseId, label, rows, shares = false }: BarsProps) {
  const most = Math.max(...rows.map(totalOf), 1);
  const names = rows[0]?.parts.map((part) => part.name) ?? [];
  return (
    <div>
      {names.length > 1 ? <Legend names={names} /> : null}
      <Plot label={label} height={rows.length * LINE_PX}>
        {(width) =>
          rows.map((row, i) => (
            <g key={row.label} transform={`translate(0 ${i * LINE_PX})`}>
              <Bar
                releaseId={releaseId}
                row={row}
                width={width}
                most={shares ? Math.max(totalOf(row), 1) : most}
                shares={shares}
              />
            </g>
          ))
        }
      </Plot>
    </div>
  );
}

interface BarProps {
  releaseId: number;
  row: Row;
  width: number;
  /** What a whole bar stands for. */
  most: number;
  shares: boolean;
}

function Bar({ releaseId, row, width, most, shares }: BarProps) {
  const total = totalOf(row);
  const scale = Math.max(0, width - NAMES_PX - VALUE_PX) / most;
  const middle = LINE_PX / 2;
  const starts = row.parts.map(
    (_, i) => NAMES_PX + scale * totalOf({ ...row, parts: row.parts.slice(0, i) }),
  );
  const first = row.parts[0]?.value ?? 0;
  return (
    <>
      <text x={NAMES_PX - 8} y={middle} className={css.name}>
        {row.label}
      </text>
      {row.parts.map((part, i) =>
        part.value ? (
          <BarPart
            key={part.name}
            releaseId={releaseId}
            part={part}
            words={`${row.label}: ${formatNumber(part.value)} ${part.name}`}
            x={starts[i] ?? NAMES_PX}
            width={Math.max(part.value * scale, 1)}
            className={css[`part${i}`]}
          />
        ) : null,
      )}
      {shares ? (
        <text x={width} y={middle} className={css.end}>
          {formatShare(first, total)}
        </text>
      ) : (
        <text x={NAMES_PX + total * scale + 8} y={middle} className={css.value}>
          {formatNumber(total)}
        </text>
      )}
    </>
  );
}

interface BarPartProps {
  releaseId: number;
  part: Part;
  words: string;
  x: number;
  width: number;
  className: string | undefined;
}

function BarPart({ releaseId, part, words, x, width, className }: BarPartProps) {
  const bar = (
    <rect x={x} y={(LINE_PX - BAR_PX) / 2} width={width} height={BAR_PX} className={className}>
      <title>{words}</title>
    </rect>
  );
  if (!part.search) return bar;
  return (
    <FramesLink releaseId={releaseId} search={part.search} className={css.bar} label={words}>
      {bar}
    </FramesLink>
  );
}

function Legend({ names }: { names: readonly string[] }) {
  return (
    <ul className={css.legend}>
      {names.map((name, i) => (
        <li key={name}>
          <svg width={12} height={12} aria-hidden="true">
            <rect width={12} height={12} rx={2} className={css[`part${i}`]} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}
