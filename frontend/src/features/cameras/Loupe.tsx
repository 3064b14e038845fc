import { type RefObject, useEffect, useRef } from 'react';
import css from './PointPicture.module.css';
import type { Inset } from './pictureView';

const SIDE = 148;
const ACROSS = 37;

interface LoupeProps {
  image: RefObject<HTMLImageElement | null>;
  inset: Inset | null;
  /** What it looks at, in pixels of the camera. */
  at: [number, number] | null;
  url: string;
}

/** The picture four times as large around the pointer, or around the chosen point. */
export function Loupe({ image, inset, at, url }: LoupeProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [x, y] = at ?? [null, null];
  // biome-ignore lint/correctness/useExhaustiveDependencies: another picture is drawn anew
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    const picture = image.current;
    if (!context || !picture?.naturalWidth || !inset || x === null || y === null) return;
    const across = ACROSS / inset.factor;
    context.imageSmoothingEnabled = false;
    context.clearRect(0, 0, SIDE, SIDE);
    context.drawImage(
      picture,
      (x - inset.x) / inset.factor - across / 2,
      (y - inset.y) / inset.factor - across / 2,
      across,
      across,
      0,
      0,
      SIDE,
      SIDE,
    );
    const middle = SIDE / 2;
    for (const [width, colour] of [
      [3, 'rgb(16 19 26 / 0.7)'],
      [1, '#ffffff'],
    ] as const) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.beginPath();
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ] as const) {
        context.moveTo(middle + dx * 5, middle + dy * 5);
        context.lineTo(middle + dx * 26, middle + dy * 26);
      }
      context.stroke();
    }
  }, [x, y, url, inset?.factor]);
  return (
    <canvas
      ref={canvas}
      width={SIDE}
      height={SIDE}
      className={css.loupe}
      style={at ? undefined : { visibility: 'hidden' }}
      aria-hidden
    />
  );
}
