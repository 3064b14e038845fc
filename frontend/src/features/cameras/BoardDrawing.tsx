import css from './BoardFields.module.css';

const SIDE = 132;

/** A board as it lies on the table: squares, and the inner corners that the computer looks for. */
export function BoardDrawing({ columns, rows }: { columns: number; rows: number }) {
  const [across, down] = [columns + 1, rows + 1];
  const square = SIDE / Math.max(across, down);
  const [width, height] = [across * square, down * square];
  const cells = Array.from({ length: across * down }, (_, i) => ({
    x: i % across,
    y: Math.floor(i / across),
  }));
  const corners = Array.from({ length: columns * rows }, (_, i) => ({
    x: (i % columns) + 1,
    y: Math.floor(i / columns) + 1,
  }));
  return (
    <figure className={css.drawing}>
      <svg
        width={width + 2}
        height={height + 2}
        viewBox={`-1 -1 ${width + 2} ${height + 2}`}
        role="img"
        aria-label={`Board of ${across} by ${down} squares with ${columns} by ${rows} inner corners`}
      >
        <rect width={width} height={height} fill="#fff" stroke="var(--border-strong)" />
        {cells
          .filter(({ x, y }) => (x + y) % 2 === 0)
          .map(({ x, y }) => (
            <rect
              key={`${x},${y}`}
              x={x * square}
              y={y * square}
              width={square}
              height={square}
              fill="#2b2d34"
            />
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
          {across} × {down} squares
        </span>
        <strong>
          <i aria-hidden />
          {columns} × {rows} inner corners
        </strong>
      </figcaption>
    </figure>
  );
}
