import { useContext, useEffect, useRef } from 'react';
import { seenFrom } from '../multiview/panes';
import { PaneContext, useEditor, useEditorParts } from '../store/context';
import type { EditorState, View } from '../store/state';
import css from './layers.module.css';

const GAMMA_ID = 'image-gamma';

/** How an image is shown; nothing where it is shown as it was recorded. */
export function filterOf({
  brightness,
  contrast,
  gamma,
}: Pick<View, 'brightness' | 'contrast' | 'gamma'>): string | undefined {
  const parts = [
    ...(gamma === 1 ? [] : [`url(#${GAMMA_ID})`]),
    ...(brightness === 1 ? [] : [`brightness(${brightness})`]),
    ...(contrast === 1 ? [] : [`contrast(${contrast})`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' ');
}

/** What CSS has no word for: dark parts lifted or deepened, black and white left as they are. */
export function GammaFilter() {
  const { gamma } = useEditorParts((s) => ({ gamma: s.view.gamma }));
  if (gamma === 1) return null;
  const exponent = 1 / gamma;
  return (
    <svg width={0} height={0} aria-hidden style={{ position: 'absolute' }}>
      <filter id={GAMMA_ID} colorInterpolationFilters="sRGB">
        <feComponentTransfer>
          <feFuncR type="gamma" exponent={exponent} />
          <feFuncG type="gamma" exponent={exponent} />
          <feFuncB type="gamma" exponent={exponent} />
        </feComponentTransfer>
      </filter>
    </svg>
  );
}

/** From this zoom on single pixels are shown as squares, because that is what one zooms in for. */
const SQUARE_PIXELS = 4;

/** The image, painted once per animation frame and only when something about it changed. */
export function ImageLayer() {
  const editor = useEditor();
  const pane = useContext(PaneContext);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { brightness, contrast, gamma, loading } = useEditorParts((s) => ({
    brightness: s.view.brightness,
    contrast: s.view.contrast,
    gamma: s.view.gamma,
    loading: s.loading,
  }));

  useEffect(() => {
    let request = 0;
    const ground = groundOf(canvas.current);
    const draw = (): void => {
      cancelAnimationFrame(request);
      request = 0;
      if (canvas.current !== null) {
        paint(canvas.current, seenFrom(editor.state, pane), ground);
      }
    };
    const schedule = (): void => {
      if (request === 0) request = requestAnimationFrame(draw);
    };
    schedule();
    const stop = editor.store.api.subscribe((state, last) => {
      const now = seenFrom(state, pane);
      const before = seenFrom(last, pane);
      // Another image is painted in the task that shows it: then the next frame on the screen has it.
      if (now.frame?.image !== before.frame?.image) draw();
      else if (now.camera !== before.camera || now.viewport !== before.viewport) schedule();
    });
    return () => {
      stop();
      cancelAnimationFrame(request);
    };
  }, [editor, pane]);

  const filter = filterOf({ brightness, contrast, gamma });
  return (
    <canvas
      ref={canvas}
      className={css.canvas}
      style={{ filter, opacity: loading ? 0.45 : 1 }}
      data-testid="frame-canvas"
    />
  );
}

const groundOf = (element: Element | null): string =>
  element === null ? '#000000' : getComputedStyle(element).getPropertyValue('--canvas');

function paint(
  canvas: HTMLCanvasElement,
  { frame, camera, viewport }: EditorState,
  ground: string,
): void {
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) return;
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(viewport.width * ratio);
  const height = Math.round(viewport.height * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  if (frame === null) return;
  const scale = camera.zoom * ratio;
  context.setTransform(scale, 0, 0, scale, camera.x * ratio, camera.y * ratio);
  context.imageSmoothingEnabled = camera.zoom < SQUARE_PIXELS;
  context.drawImage(frame.image, 0, 0, frame.doc.width, frame.doc.height);
}
