import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { formatPx } from '@/features/fits/bodies/facts';
import type { Projector } from '@/features/fits/bodies/projection';
import type { Fit } from '@/features/fits/bodies/types';
import type { Rect } from '@/features/fits/bodies/view';
import { JOINT_LABELS, JOINT_SIDES } from '@/shared/domain/rules.gen';
import { momentJointsQuery } from './queries';
import css from './Views.module.css';
import { useWorkbench } from './workbench';

interface JointLinesProps {
  frameId: number;
  fit: Fit;
  projector: Projector;
  view: Rect;
  size: { width: number; height: number };
  plain?: boolean;
}

const COLOURS = {
  left: 'var(--joint-left)',
  right: 'var(--joint-right)',
  middle: 'var(--joint-middle)',
};

/** Rings where people placed joints, dots where the body has them, and the error between. */
export function JointLines({ frameId, fit, projector, view, size, plain }: JointLinesProps) {
  const { recording, moment, gatePx } = useWorkbench();
  const { data } = useQuery(momentJointsQuery(recording.id, moment.id));
  const placed = data?.frames.find((f) => f.frame_id === frameId)?.joints;
  const body = useMemo(() => {
    const pixels = new Float32Array(3 * fit.joints.length);
    projector.project(fit.joints.flat(), pixels);
    return pixels;
  }, [fit, projector]);
  if (!size.width) return null;
  const scale = size.width / view.width;
  const on = (x: number, y: number): [number, number] => [
    (x - view.x) * scale,
    (y - view.y) * scale,
  ];
  const radius = plain ? 2.5 : 4;
  return (
    <svg
      className={css.joints}
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="img"
      aria-label="Placed joints as rings, the body's as dots"
    >
      {JOINT_LABELS.map((label, k) => {
        const [bx, by] = on(body[3 * k] ?? Number.NaN, body[3 * k + 1] ?? Number.NaN);
        const joint = placed?.[k];
        const [px, py] = joint?.v ? on(joint.x, joint.y) : [Number.NaN, Number.NaN];
        const error = joint?.v ? Math.hypot(px - bx, py - by) / scale : null;
        const colour = COLOURS[JOINT_SIDES[k] ?? 'middle'];
        const seen = !Number.isNaN(bx);
        return (
          <g key={label} style={{ color: colour }}>
            {error === null || !seen ? null : (
              <line
                x1={px}
                y1={py}
                x2={bx}
                y2={by}
                className={error > gatePx ? css.wrong : css.error}
              />
            )}
            {joint?.v ? (
              <circle
                cx={px}
                cy={py}
                r={radius}
                className={joint.v === 2 ? css.placed : css.guessed}
              >
                <title>{`${label}: placed, ${formatPx(error)} px from the body's`}</title>
              </circle>
            ) : null}
            {seen ? <circle cx={bx} cy={by} r={radius - 1.5} className={css.fitted} /> : null}
          </g>
        );
      })}
    </svg>
  );
}
