import { useEffect, useRef } from 'react';
import { colourOf } from '@/shared/domain/bones';
import type { Joint } from '../document/types';
import { useEditorState } from '../store/context';

const WIDTH = 176;
const HEIGHT = 104;

interface JointCropProps {
  index: number;
  joint: Joint;
  /** The middle of both choices, so that the two pictures show the same place. */
  centre: { x: number; y: number };
  /** Image pixels shown across the picture. */
  span: number;
}

/** One choice as a picture: the surroundings, and where the joint would be. */
export function JointCrop({ index, joint, centre, span }: JointCropProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useEditorState((s) => s.frame);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || frame === null) return;
    const ratio = window.devicePixelRatio || 1;
    const zoom = WIDTH / span;
    const scale = zoom * ratio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, WIDTH * ratio, HEIGHT * ratio);
    const left = (WIDTH / 2) * ratio - centre.x * scale;
    const top = (HEIGHT / 2) * ratio - centre.y * scale;
    context.setTransform(scale, 0, 0, scale, left, top);
    context.drawImage(frame.image, 0, 0, frame.doc.width, frame.doc.height);
    if (joint.v === 0) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.beginPath();
    context.arc(
      WIDTH / 2 + (joint.x - centre.x) * zoom,
      HEIGHT / 2 + (joint.y - centre.y) * zoom,
      5,
      0,
      2 * Math.PI,
    );
    context.lineWidth = 5;
    context.strokeStyle = '#10131a';
    context.stroke();
    context.lineWidth = 2.5;
    // The colour is a custom property, which a canvas reads from the element's own style.
    context.strokeStyle = getComputedStyle(context.canvas).color;
    context.fillStyle = context.strokeStyle;
    context.stroke();
    if (joint.v === 2) context.fill();
  }, [frame, joint, centre, span]);

  const ratio = typeof window === 'undefined' ? 1 : window.devicePixelRatio || 1;
  return (
    <canvas
      ref={canvas}
      width={WIDTH * ratio}
      height={HEIGHT * ratio}
      style={{ width: WIDTH, height: HEIGHT, color: colourOf(index) }}
    />
  );
}
