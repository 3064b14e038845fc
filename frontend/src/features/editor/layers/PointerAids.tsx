import { useEffect, useRef } from 'react';
import { colourOf } from '@/shared/domain/bones';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { useEditor, useEditorParts } from '../store/context';
import { toImage } from '../store/geometry';
import { filterOf } from './ImageLayer';
import css from './layers.module.css';

/** Lines through the cursor while a joint is in the hand or about to be placed. */
export function Crosshair() {
  const { pointer, gesture, viewport, wanted } = useEditorParts((s) => ({
    pointer: s.pointer,
    gesture: s.gesture,
    viewport: s.viewport,
    wanted: s.view.crosshair,
  }));
  if (pointer === null || gesture === null || gesture.box !== undefined) return null;
  if (!wanted && !gesture.byKeys) return null;
  const { x, y } = pointer;
  return (
    <g className={css.crosshair} data-testid="crosshair">
      <path d={`M 0 ${y} H ${x - 9} M ${x + 9} ${y} H ${viewport.width}`} />
      <path d={`M ${x} 0 V ${y - 9} M ${x} ${y + 9} V ${viewport.height}`} />
    </g>
  );
}

/** Which joint the guide asks for, running with the cursor. */
export function GuideLabel() {
  const { pointer, gesture, viewport } = useEditorParts((s) => ({
    pointer: s.pointer,
    gesture: s.gesture,
    viewport: s.viewport,
  }));
  const next = gesture?.next;
  if (next === undefined) return null;
  const at = pointer ?? { x: viewport.width / 2, y: 40 };
  const flip = at.x > viewport.width - 220;
  const up = at.y > viewport.height - 90;
  return (
    <div
      className={css.guide}
      data-testid="guide"
      role="status"
      style={{
        transform: `translate(${at.x + (flip ? -18 : 18)}px, ${at.y + (up ? -18 : 18)}px) translate(${flip ? '-100%' : '0'}, ${up ? '-100%' : '0'})`,
      }}
    >
      <strong>
        <i style={{ background: colourOf(next) }} />
        {JOINT_LABELS[next]}
      </strong>
      <span>{gesture?.left} to place</span>
    </div>
  );
}

const LOUPE = 152;
const MAGNIFIED = 3;

/** The surroundings of the cursor, enlarged, in the corner where they are not in the way. */
export function Magnifier() {
  const editor = useEditor();
  const canvas = useRef<HTMLCanvasElement>(null);
  const colour = useRef('');
  const { pointer, gesture, camera, frame, viewport, view } = useEditorParts((s) => ({
    view: s.view,
    pointer: s.pointer,
    gesture: s.gesture,
    camera: s.camera,
    frame: s.frame,
    viewport: s.viewport,
  }));
  const shown =
    view.magnifier &&
    pointer !== null &&
    frame !== null &&
    gesture !== null &&
    gesture.box === undefined;

  const joint = gesture?.joint ?? gesture?.next ?? 0;
  // Asked once for each joint: the browser works out all styles to answer.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the joint decides on the colour
  useEffect(() => {
    if (canvas.current !== null && shown) colour.current = getComputedStyle(canvas.current).color;
  }, [joint, shown]);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !shown || pointer === null || frame === null) return;
    const at = toImage(camera, pointer);
    const ratio = window.devicePixelRatio || 1;
    const size = LOUPE * ratio;
    const { width, height } = frame.doc;
    // Only what is seen of the image, in its own pixels.
    const seen = LOUPE / Math.max(camera.zoom * MAGNIFIED, 2);
    const [across, down] = [frame.image.width / width, frame.image.height / height];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = '#0a0b0d';
    context.fillRect(0, 0, size, size);
    context.imageSmoothingEnabled = seen > LOUPE / 6;
    context.drawImage(
      frame.image,
      (at.x - seen / 2) * across,
      (at.y - seen / 2) * down,
      seen * across,
      seen * down,
      0,
      0,
      size,
      size,
    );
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const middle = LOUPE / 2;
    for (const [ink, line] of [
      ['#10131a', 3],
      [colour.current, 1],
    ] as const) {
      context.strokeStyle = ink;
      context.lineWidth = line;
      context.beginPath();
      context.moveTo(0, middle);
      context.lineTo(middle - 5, middle);
      context.moveTo(middle + 5, middle);
      context.lineTo(LOUPE, middle);
      context.moveTo(middle, 0);
      context.lineTo(middle, middle - 5);
      context.moveTo(middle, middle + 5);
      context.lineTo(middle, LOUPE);
      context.stroke();
    }
  }, [shown, pointer, camera, frame]);

  if (!shown || pointer === null) return null;
  const nearRight = pointer.x > viewport.width - LOUPE - 60 && pointer.y < LOUPE + 60;
  const ratio = window.devicePixelRatio || 1;
  return (
    <canvas
      ref={canvas}
      className={css.magnifier}
      data-tool={editor.state.tool}
      width={LOUPE * ratio}
      height={LOUPE * ratio}
      style={{
        width: LOUPE,
        height: LOUPE,
        color: colourOf(joint),
        filter: filterOf(view),
        ...(nearRight ? { left: 16 } : { right: 16 }),
      }}
    />
  );
}
