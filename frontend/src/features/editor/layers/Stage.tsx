import { useContext, useEffect, useRef } from 'react';
import { AgreementLayer, GeometryLayer } from '../multiview/GeometryLayer';
import { activeCamera, seenFrom } from '../multiview/panes';
import { PaneContext, useEditor, useEditorParts } from '../store/context';
import type { Editor } from '../store/Editor';
import { pan, type ScreenPoint, screenPoint, zoomAt } from '../store/geometry';
import { cameraAfterResize } from '../store/views';
import type { Pointer } from '../tools/tool';
import { BoxLayer } from './BoxLayer';
import { CommentPins } from './CommentPins';
import { GhostLayer } from './GhostLayer';
import { ImageLayer } from './ImageLayer';
import css from './layers.module.css';
import { MaskLayer } from './MaskLayer';
import { OthersLayer } from './OthersLayer';
import { Crosshair, GuideLabel, Magnifier } from './PointerAids';
import { SkeletonLayer } from './SkeletonLayer';

/** One notch of a wheel zooms by about a sixth; a trackpad's small steps by less. */
const WHEEL_ZOOM = 0.0016;
const PINCH_ZOOM = 0.01;

/** The canvas: image, masks, boxes, bones, and everything that follows the pointer. */
export function Stage() {
  const editor = useEditor();
  const pane = useContext(PaneContext);
  const stage = useRef<HTMLDivElement>(null);
  const { viewport, overlay, cursor, label } = useEditorParts((s) => ({
    viewport: s.viewport,
    overlay: s.view.overlay,
    cursor: s.cursor,
    label: `Frame ${s.index + 1} of ${s.frames.length}`,
  }));

  useEffect(() => {
    const element = stage.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => resize(editor, pane, element));
    observer.observe(element);
    const onWheel = (event: WheelEvent): void => wheel(editor, pane, element, event);
    // React listens passively, and a passive listener cannot keep the page from zooming.
    element.addEventListener('wheel', onWheel, { passive: false });
    const release = listenForTouches(editor, pane, element);
    return () => {
      observer.disconnect();
      element.removeEventListener('wheel', onWheel);
      release();
    };
  }, [editor, pane]);

  return (
    <section
      ref={stage}
      className={css.stage}
      aria-label={label}
      style={{ cursor }}
      onContextMenu={(event) => event.preventDefault()}
      onPointerDown={(event) => {
        if (event.pointerType === 'touch' && !event.isPrimary) return;
        // Taking hold of something in another pane means to work there.
        if (pane !== null && !editor.views.activate(pane)) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        (document.activeElement as HTMLElement | null)?.blur();
        editor.set({ pointer: pointOf(event) });
        editor.tool.down(pointerOf(editor, event));
      }}
      onPointerMove={(event) => {
        if (event.pointerType === 'touch' && !event.isPrimary) return;
        if (!isActive(editor, pane)) return;
        const pointer = pointerOf(editor, event);
        if (editor.state.loading) return;
        const hover = event.buttons === 0 ? editor.hit(pointer.screen) : editor.state.hover;
        editor.set({ pointer: pointer.screen, hover });
        editor.tool.move(pointer);
      }}
      onPointerUp={(event) => {
        if (isActive(editor, pane)) editor.tool.up(pointerOf(editor, event));
      }}
      onPointerCancel={() => editor.finishGesture()}
      onPointerLeave={() => {
        if (isActive(editor, pane)) editor.set({ pointer: null, hover: { kind: 'nothing' } });
      }}
    >
      <ImageLayer />
      {overlay && <MaskLayer />}
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: a title would pop up under the pointer */}
      <svg className={css.svg} width={viewport.width} height={viewport.height}>
        {overlay && (
          <>
            <OthersLayer />
            <BoxLayer />
            <GhostLayer />
            <GeometryLayer />
            <SkeletonLayer />
            <AgreementLayer />
            <CommentPins />
          </>
        )}
        <Crosshair />
      </svg>
      <GuideLabel />
      <Magnifier />
    </section>
  );
}

const isActive = (editor: Editor, pane: number | null): boolean =>
  pane === null || pane === activeCamera(editor.state);

interface Position {
  clientX: number;
  clientY: number;
  currentTarget: Element;
}

function pointOf({ clientX, clientY, currentTarget }: Position): ScreenPoint {
  const { left, top } = currentTarget.getBoundingClientRect();
  return screenPoint(clientX - left, clientY - top);
}

function pointerOf(
  editor: Editor,
  event: Position & { button: number; shiftKey: boolean; ctrlKey: boolean },
): Pointer {
  return {
    ...editor.pointerAt(pointOf(event)),
    button: event.button,
    shift: event.shiftKey,
    ctrl: event.ctrlKey,
  };
}

function resize(editor: Editor, pane: number | null, element: Element): void {
  const { width, height } = element.getBoundingClientRect();
  const { viewport, camera, frame, document, view } = seenFrom(editor.state, pane);
  const next = { width: Math.round(width), height: Math.round(height) };
  const skeleton = document?.skeleton ?? null;
  const now = { camera, viewport, follow: view.follow };
  editor.views.look(pane, {
    viewport: next,
    camera: cameraAfterResize(next, frame?.doc ?? null, skeleton, now),
  });
}

function wheel(editor: Editor, pane: number | null, element: Element, event: WheelEvent): void {
  event.preventDefault();
  const { left, top } = element.getBoundingClientRect();
  const at = screenPoint(event.clientX - left, event.clientY - top);
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
  const { camera } = seenFrom(editor.state, pane);
  if (event.shiftKey) {
    editor.views.look(pane, { camera: pan(camera, -(event.deltaX || event.deltaY) * lines, 0) });
    return;
  }
  const rate = event.ctrlKey ? PINCH_ZOOM : WHEEL_ZOOM;
  const next = zoomAt(camera, at, Math.exp(-event.deltaY * lines * rate));
  editor.views.look(pane, { camera: next });
}

/** Two fingers pinch and pan. */
function listenForTouches(editor: Editor, pane: number | null, element: HTMLElement): () => void {
  let before: { x: number; y: number; span: number } | null = null;
  const read = (event: TouchEvent) => {
    const [a, b] = [event.touches[0], event.touches[1]];
    if (!a || !b) return null;
    const { left, top } = element.getBoundingClientRect();
    return {
      x: (a.clientX + b.clientX) / 2 - left,
      y: (a.clientY + b.clientY) / 2 - top,
      span: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
    };
  };
  const onTouch = (event: TouchEvent): void => {
    const now = read(event);
    if (now !== null) {
      event.preventDefault();
      editor.finishGesture();
      if (before !== null && before.span > 0) {
        const { camera } = seenFrom(editor.state, pane);
        const moved = { ...camera, x: camera.x + now.x - before.x, y: camera.y + now.y - before.y };
        const next = zoomAt(moved, screenPoint(now.x, now.y), now.span / before.span);
        editor.views.look(pane, { camera: next });
      }
    }
    before = now;
  };
  const names = ['touchstart', 'touchmove', 'touchend', 'touchcancel'] as const;
  for (const name of names) element.addEventListener(name, onTouch, { passive: false });
  return () => {
    for (const name of names) element.removeEventListener(name, onTouch);
  };
}
