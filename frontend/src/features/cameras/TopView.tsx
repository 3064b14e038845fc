import type { CalibratedCamera, Vec3 } from './queries';
import css from './TopView.module.css';
import { extentOf, gridLines, gridStep, lookedAt, standing } from './topView';
import { metres } from './words';

interface TopViewProps {
  cameras: readonly CalibratedCamera[];
  /** Names by which this page calls them. */
  nameOf?: (cameraId: number) => string | undefined;
  /** Points of known position, metres. */
  points?: readonly { name: string; xyz: Vec3 }[];
  width?: number;
  height?: number;
}

/** Width of a letter of a label, about. */
const LETTER = 6;

const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#a0457a', '#8a5a00', '#5450c4'];

/** The cameras from above: places, directions, and a grid in metres. */
export function TopView({ cameras, nameOf, points = [], width = 420, height = 320 }: TopViewProps) {
  const placed = cameras
    .flatMap((camera) => standing(camera) ?? [])
    .map((camera) => ({ ...camera, name: nameOf?.(camera.cameraId) ?? camera.name }));
  if (!placed.length) return null;
  const middle = lookedAt(placed);
  const near = (p: [number, number]) =>
    placed.some((c) => Math.hypot(c.centre[0] - p[0], c.centre[1] - p[1]) < 12);
  const target: Vec3[] = middle && near(middle) ? [[middle[0], middle[1], 0]] : [];
  const extent = extentOf([...placed.map((c) => c.centre), ...points.map((p) => p.xyz), ...target]);
  const scale = Math.min(
    width / (extent.right - extent.left),
    height / (extent.top - extent.bottom),
  );
  const [cx, cy] = [(extent.left + extent.right) / 2, (extent.bottom + extent.top) / 2];
  const x = (metre: number) => width / 2 + (metre - cx) * scale;
  const y = (metre: number) => height / 2 - (metre - cy) * scale;
  const [left, right] = [cx - width / 2 / scale, cx + width / 2 / scale];
  const [bottom, top] = [cy - height / 2 / scale, cy + height / 2 / scale];
  const step = gridStep(extent);
  const reach = 0.3 * Math.max(extent.right - extent.left, extent.top - extent.bottom);
  const words = placed.map(
    (c) =>
      `${c.name} at ${metres(c.centre[0])}, ${metres(c.centre[1])}, ${metres(c.centre[2])} high`,
  );
  return (
    <figure className={css.figure}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        className={css.drawing}
        role="img"
        aria-label={`Cameras from above: ${words.join('; ')}`}
      >
        <g className={css.grid}>
          {gridLines(left, right, step).map((m) => (
            <line key={`x${m}`} x1={x(m)} x2={x(m)} y1={0} y2={height} />
          ))}
          {gridLines(bottom, top, step).map((m) => (
            <line key={`y${m}`} y1={y(m)} y2={y(m)} x1={0} x2={width} />
          ))}
        </g>
        <g className={css.axes}>
          <line x1={x(0)} y1={y(0)} x2={x(0) + 26} y2={y(0)} />
          <line x1={x(0)} y1={y(0)} x2={x(0)} y2={y(0) - 26} />
          <circle cx={x(0)} cy={y(0)} r="3" />
          <text x={x(0) + 30} y={y(0) + 4}>
            X
          </text>
          <text x={x(0) - 3} y={y(0) - 31}>
            Y
          </text>
        </g>
        {points.map((point) => (
          <circle
            key={point.name}
            className={css.point}
            cx={x(point.xyz[0])}
            cy={y(point.xyz[1])}
            r="2.5"
          >
            <title>{point.name}</title>
          </circle>
        ))}
        {placed.map((camera) => {
          // A camera keeps its colour when another one has no place.
          const index = cameras.findIndex((c) => c.camera_id === camera.cameraId);
          const colour = COLOURS[index % COLOURS.length];
          const angle = Math.atan2(camera.forward[1], camera.forward[0]);
          const [px, py] = [x(camera.centre[0]), y(camera.centre[1])];
          const ray = (turn: number): [number, number] => [
            px + Math.cos(angle + turn) * reach * scale,
            py - Math.sin(angle + turn) * reach * scale,
          ];
          const [a, b] = [ray(camera.halfAngle), ray(-camera.halfAngle)];
          // The label stands behind the camera, where nothing is drawn, and within the drawing.
          const long = LETTER * (camera.name.length + metres(camera.centre[2]).length + 1);
          const behind = px - Math.cos(angle) * (14 + long / 2);
          const labelX = Math.min(width - 6 - long / 2, Math.max(6 + long / 2, behind));
          const pushed = Math.abs(labelX - px) < long / 2 + 8 && Math.abs(Math.sin(angle)) < 0.8;
          const labelY = pushed ? py - 11 : py + 4 + Math.sin(angle) * 14;
          return (
            <g key={camera.cameraId}>
              <polygon
                points={`${px},${py} ${a.join(',')} ${b.join(',')}`}
                fill={colour}
                fillOpacity="0.18"
                stroke={colour}
                strokeOpacity="0.4"
              />
              <circle
                cx={px}
                cy={py}
                r="5.5"
                fill={colour}
                stroke="var(--bg-raised)"
                strokeWidth="1.5"
              />
              <text className={css.label} x={labelX} y={labelY} textAnchor="middle">
                {camera.name}
                <tspan className={css.height}> {metres(camera.centre[2])}</tspan>
              </text>
            </g>
          );
        })}
        <g className={css.scale}>
          <line x1={12} x2={12 + step * scale} y1={height - 12} y2={height - 12} />
          <text x={12} y={height - 18}>
            {step < 1 ? `${Math.round(step * 100)} cm` : `${step} m`}
          </text>
        </g>
      </svg>
      <figcaption>From above. Beside each name: height above the floor.</figcaption>
    </figure>
  );
}
