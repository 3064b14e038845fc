import css from './BoardFields.module.css';
import type { BoardKind } from './board';

const SIDE = 132;
const INK = '#2b2d34';

interface BoardDrawingProps {
  kind: BoardKind;
  /** Inner corners of a checkerboard, squares of a ChArUco board, markers of the others. */
  columns: number;
  rows: number;
}

/** A board as it lies on the table: its squares and markers, and the points that are looked for. */
export function BoardDrawing({ kind, columns, rows }: BoardDrawingProps) {
  const checked = kind === 'chessboard' || kind === 'charuco';
  const more = kind === 'chessboard' ? 1 : 0;
  const [across, down] = [columns + more, rows + more];
  const square = SIDE / Math.max(across, down);
  const [width, height] = [across * square, down * square];
  const cells = Array.from({ length: across * down }, (_, i) => ({
    x: i % across,
    y: Math.floor(i / across),
  }));
  const inner = checked ? { x: across - 1, y: down - 1 } : { x: 0, y: 0 };
  const corners = Array.from({ length: inner.x * inner.y }, (_, i) => ({
    x: (i % inner.x) + 1,
    y: Math.floor(i / inner.x) + 1,
  }));
  const what = checked ? 'squares' : 'markers';
  const points = kind === 'chessboard' ? ` with ${columns} by ${rows} inner corners` : '';
  return (
    <figure className={css.drawing}>
      <svg
        width={width + 2}
        height={height + 2}
        viewBox={`-1 -1 ${width + 2} ${height + 2}`}
        role="img"
        aria-label={`Board of ${across} by ${down} ${what}${points}`}
      >
        <rect width={width} height={height} fill="#fff" stroke="var(--border-strong)" />
        {cells.map(({ x, y }) => (
          <Cell key={`${x},${y}`} kind={kind} x={x} y={y} square={square} />
        ))}
        {corners.map(({ x, y }) => (
          <circle
            key={`${x},${y}`}
            cx={x * square}
            cy={y * square}
            r={Math.min(2.6, square / 5)}
            fill="#d55e00"
            stroke="#fff"
            strokeWidth={Math.min(1, square / 14)}
          />
        ))}
      </svg>
      <figcaption>
        <span>
          {across} × {down} {what}
        </span>
        {kind === 'chessboard' ? (
          <strong>
            <i aria-hidden />
            {columns} × {rows} inner corners
          </strong>
        ) : null}
      </figcaption>
    </figure>
  );
}

interface CellProps {
  kind: BoardKind;
  x: number;
  y: number;
  square: number;
}

function Cell({ kind, x, y, square }: CellProps) {
  const dark = (x + y) % 2 === 0;
  if (kind === 'chessboard' || (kind === 'charuco' && dark)) {
    return dark ? (
      <rect x={x * square} y={y * square} width={square} height={square} fill={INK} />
    ) : null;
  }
  const side = square * 0.72;
  const gap = (square - side) / 2;
  const [left, top] = [x * square + gap, y * square + gap];
  return (
    <>
      <rect x={left} y={top} width={side} height={side} fill={INK} />
      <rect
        x={left + side * 0.3}
        y={top + side * (dark ? 0.3 : 0.5)}
        width={side * 0.4}
        height={side * 0.2}
        fill="#fff"
      />
      {kind === 'aprilgrid' ? (
        <rect x={left - gap} y={top - gap} width={gap} height={gap} fill={INK} />
      ) : null}
    </>
  );
}
