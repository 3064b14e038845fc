import { bonesOf, colourOf } from '@/shared/domain/bones';
import { JOINTS, RADIUS_80 } from '@/shared/domain/rules.gen';
import { changedJoints, isPresent } from '../document/skeleton';
import { useEditor, useEditorParts } from '../store/context';
import { toScreen } from '../store/geometry';
import css from './travel.module.css';

/** A ring within which it lies is drawn from so many pixels of the screen on. */
const SHOWN_FROM = 8;

/** A larger ring is a line alone: seventeen filled ones would hide the picture. */
const FILLED_TO = 60;

/** Under inferred joints: the pre-label that they stand for, and how surely each is known. */
export function InferredLayer() {
  const editor = useEditor();
  const { inferred, camera, ghost, frame } = useEditorParts((s) => ({
    inferred: s.inferred,
    camera: s.camera,
    ghost: s.view.ghost,
    frame: s.frame,
  }));
  if (inferred === null || frame === null) return null;
  const { skeleton, sigma } = inferred;
  const before = editor.queue.documentOf(frame.doc.id)?.skeleton ?? null;
  const moved = new Set(changedJoints(before, skeleton));
  return (
    <g className={css.under} data-testid="inferred-layer">
      {ghost &&
        before !== null &&
        bonesOf(before, (joint) => toScreen(camera, joint))
          .filter(({ a, b }) => moved.has(a) || moved.has(b))
          .map(({ key, line }) => <line key={key} {...line} className={css.before} />)}
      {skeleton.map((joint, i) => {
        const radius = (sigma[i] ?? 0) * RADIUS_80 * camera.zoom;
        if (!isPresent(joint) || radius < SHOWN_FROM) return null;
        const { x, y } = toScreen(camera, joint);
        return (
          <circle
            key={JOINTS[i]}
            className={css.within}
            data-within={JOINTS[i]}
            cx={x}
            cy={y}
            r={radius}
            stroke={colourOf(i)}
            fill={radius <= FILLED_TO ? colourOf(i) : 'none'}
          />
        );
      })}
    </g>
  );
}
