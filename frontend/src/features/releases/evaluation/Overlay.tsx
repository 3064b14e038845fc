import { urlOf } from '@/shared/api/client';
import { bonesOf, colourOf } from '@/shared/domain/bones';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { cx } from '@/shared/ui';
import css from './Overlay.module.css';
import { type Point, predictionOf, truthOf, type Window } from './overlay';
import type { BoardFrame } from './queries';

interface LayerProps {
  points: readonly (Point | null)[];
  /** CSS pixels in the units of the image. */
  unit: number;
  predicted?: boolean;
  selected?: number | null;
}

function Layer({ points, unit, predicted, selected }: LayerProps) {
  const dash = `${5 * unit} ${4 * unit}`;
  return (
    <g>
      {bonesOf(points).map(({ key, line, colour }) => (
        <g key={key} fill="none" strokeLinecap="round">
          <line {...line} className={css.outline} strokeWidth={(predicted ? 3.4 : 5) * unit} />
          <line
            {...line}
            stroke={colour}
            strokeWidth={(predicted ? 1.6 : 2.6) * unit}
            strokeDasharray={predicted ? dash : undefined}
          />
        </g>
      ))}
      {points.map((point, joint) =>
        point ? (
          <circle
            key={JOINT_LABELS[joint]}
            cx={point.x}
            cy={point.y}
            r={(joint === selected ? 6 : predicted ? 3.4 : 4) * unit}
            className={css.joint}
            fill={predicted ? 'none' : colourOf(joint)}
            style={predicted ? { stroke: colourOf(joint) } : undefined}
            strokeWidth={(predicted ? 2 : 1.4) * unit}
          />
        ) : null,
      )}
    </g>
  );
}

interface OverlayProps {
  frame: BoardFrame;
  view: Window;
  /** Width on the screen, in CSS pixels, so that lines are as thick on every image. */
  width: number;
  label: string;
  truth?: boolean;
  prediction?: boolean;
  selected?: number | null;
  className?: string;
}

/** An image with the true infant (whole lines) and the predicted one (broken lines). */
export function Overlay({
  frame,
  view,
  width,
  label,
  truth = true,
  prediction = true,
  selected = null,
  className,
}: OverlayProps) {
  const unit = view.width / Math.max(width, 1);
  const [trueJoints, predicted] = [truthOf(frame), predictionOf(frame)];
  return (
    <svg
      className={cx(css.overlay, className)}
      viewBox={`${view.x} ${view.y} ${view.width} ${view.height}`}
      role="img"
      aria-label={label}
    >
      {frame.position === null ? null : (
        <image
          href={urlOf('/api/v1/frames/{frame_id}/image', { frame_id: frame.frame_id })}
          width={frame.width}
          height={frame.height}
        />
      )}
      {truth ? <Layer points={trueJoints} unit={unit} selected={selected} /> : null}
      {prediction ? <Layer points={predicted} unit={unit} selected={selected} predicted /> : null}
      {truth && prediction
        ? trueJoints.map((from, joint) => {
            const to = predicted[joint];
            const kind = frame.kinds?.[joint];
            if (!from || !to || (kind !== 'inversion' && kind !== 'swap' && kind !== 'miss')) {
              return null;
            }
            return (
              <line
                key={JOINT_LABELS[joint]}
                x1={from.x}
                y1={from.y}
                x2={to.x}
                y2={to.y}
                className={css.off}
                strokeWidth={2 * unit}
                strokeDasharray={`${1.5 * unit} ${3 * unit}`}
              />
            );
          })
        : null}
    </svg>
  );
}

/** What the lines mean. */
export function Legend() {
  return (
    <p className={css.legend}>
      <svg viewBox="0 0 36 12" aria-hidden>
        <line x1={4} x2={32} y1={6} y2={6} stroke="currentColor" strokeWidth={2.6} />
        <circle cx={4} cy={6} r={3.6} fill="currentColor" />
        <circle cx={32} cy={6} r={3.6} fill="currentColor" />
      </svg>
      truth
      <svg viewBox="0 0 36 12" aria-hidden>
        <line
          x1={6}
          x2={30}
          y1={6}
          y2={6}
          stroke="currentColor"
          strokeWidth={1.6}
          strokeDasharray="5 4"
        />
        <circle cx={4} cy={6} r={3} fill="none" stroke="currentColor" strokeWidth={1.6} />
        <circle cx={32} cy={6} r={3} fill="none" stroke="currentColor" strokeWidth={1.6} />
      </svg>
      prediction
      <svg viewBox="0 0 36 12" aria-hidden>
        <line
          x1={3}
          x2={33}
          y1={6}
          y2={6}
          className={css.off}
          strokeWidth={2}
          strokeDasharray="2 3"
        />
      </svg>
      joint that is far off
    </p>
  );
}
