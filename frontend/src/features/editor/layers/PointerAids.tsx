import { useContext, useLayoutEffect, useRef } from 'react';
import { colourOf } from '@/shared/domain/bones';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import type { LoadedFrame } from '../frames/FrameCache';
import { seenFrom } from '../multiview/panes';
import { PaneContext, useEditor, useEditorParts } from '../store/context';
import { toImage } from '../store/geometry';
import type { EditorState } from '../store/state';
import { filterOf } from './ImageLayer';
import css from './layers.module.css';

/** Call with each change of what a pane sees, without rendering: the pointer moves with every frame. */
function useFollowing(follow: (state: EditorState) => void, on: boolean): void {
  const editor = useEditor();
  const pane = useContext(PaneContext);
  const latest = useRef(follow);
  latest.current = follow;
  useLayoutEffect(() => {
    if (!on) return;
    latest.current(seenFrom(editor.state, pane));
    return editor.store.api.subscribe((state, last) => {
      const now = seenFrom(state, pane);
      const before = seenFrom(last, pane);
      const same = now.pointer === before.pointer && now.camera === before.camera;
      if (!same || now.frame !== before.frame) latest.current(now);
    });
  }, [editor, pane, on]);
}

/** Lines through the cursor while a joint is in the hand or about to be placed. */
export function Crosshair() {
  const lines = useRef<SVGGElement>(null);
  const { shown, viewport } = useEditorParts(({ pointer, gesture, view, viewport }) => ({
    viewport,
    shown:
      pointer !== null &&
      gesture !== null &&
      gesture.box === undefined &&
      (view.crosshair || gesture.byKeys === true),
  }));
  useFollowing(({ pointer }) => {
    if (lines.current === null || pointer === null) return;
    const { x, y } = pointer;
    lines.current.setAttribute('transform', `translate(${x} ${y})`);
  }, shown);
  if (!shown) return null;
  const { width, height } = viewport;
  const cross = `M ${-width} 0 H -9 M 9 0 H ${width} M 0 ${-height} V -9 M 0 9 V ${height}`;
  return (
    <g ref={lines} className={css.crosshair} data-testid="crosshair">
      <path className={css.crosshairOutline} d={cross} />
      <path d={cross} />
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
  const { shown, nearRight, joint, view } = useEditorParts(
    ({ view, pointer, gesture, frame, viewport }) => ({
      view,
      shown:
        view.magnifier &&
        pointer !== null &&
        frame !== null &&
        gesture !== null &&
        gesture.box === undefined,
      joint: gesture?.joint ?? gesture?.next ?? 0,
      nearRight:
        pointer !== null && pointer.x > viewport.width - LOUPE - 60 && pointer.y < LOUPE + 60,
    }),
  );

  // Asked once for each joint: the browser works out all styles to answer.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the joint decides on the colour
  useLayoutEffect(() => {
    if (canvas.current !== null && shown) colour.current = getComputedStyle(canvas.current).color;
  }, [joint, shown]);

  useFollowing(({ pointer, camera, frame }) => {
    const context = canvas.current?.getContext('2d');
    if (!context || pointer === null || frame === null) return;
    magnify(context, frame, toImage(camera, pointer), camera.zoom, colour.current);
  }, shown);

  if (!shown) return null;
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

/** Draw what lies around a point of the image, with a cross in a joint's colour. */
function magnify(
  context: CanvasRenderingContext2D,
  { image, doc }: LoadedFrame,
  at: { x: number; y: number },
  zoom: number,
  colour: string,
): void {
  const ratio = window.devicePixelRatio || 1;
  const size = LOUPE * ratio;
  // Only what is seen of the image, in its own pixels.
  const seen = LOUPE / Math.max(zoom * MAGNIFIED, 2);
  const [across, down] = [image.width / doc.width, image.height / doc.height];
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = '#0a0b0d';
  context.fillRect(0, 0, size, size);
  context.imageSmoothingEnabled = seen > LOUPE / 6;
  context.drawImage(
    image,
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
    [colour, 1],
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
}
