/** How a person moves a pane over its image: by wheel, by touch, and by the size of the window. */
import { pan, screenPoint, zoomAt } from '../store/geometry';
import type { EditorState, Pane } from '../store/state';
import { cameraAfterResize } from '../store/views';

/** One notch of a wheel zooms by about a sixth; a trackpad's small steps by less. */
const WHEEL_ZOOM = 0.0016;
const PINCH_ZOOM = 0.01;

/** One pane's look at its image. */
interface Lens {
  /** The state as the pane has it. */
  seen(): EditorState;
  look(change: Partial<Pick<Pane, 'camera' | 'viewport'>>): void;
  /** Give up what the tool has begun. */
  letGo(): void;
}

/** Listen on the pane's element. Returns how to stop. */
export function lookThrough(element: HTMLElement, lens: Lens): () => void {
  const observer = new ResizeObserver(() => resize(lens, element));
  observer.observe(element);
  const onWheel = (event: WheelEvent): void => wheel(lens, element, event);
  // React listens passively, and a passive listener cannot keep the page from zooming.
  element.addEventListener('wheel', onWheel, { passive: false });
  const release = listenForTouches(lens, element);
  const releasePinch = listenForPinches(lens, element);
  return () => {
    observer.disconnect();
    element.removeEventListener('wheel', onWheel);
    release();
    releasePinch();
  };
}

function resize(lens: Lens, element: Element): void {
  const { width, height } = element.getBoundingClientRect();
  const { viewport, camera, frame, document, view } = lens.seen();
  const next = { width: Math.round(width), height: Math.round(height) };
  const skeleton = document?.skeleton ?? null;
  const now = { camera, viewport, follow: view.follow };
  lens.look({
    viewport: next,
    camera: cameraAfterResize(next, frame?.doc ?? null, skeleton, now),
  });
}

function wheel(lens: Lens, element: Element, event: WheelEvent): void {
  event.preventDefault();
  const { left, top } = element.getBoundingClientRect();
  const at = screenPoint(event.clientX - left, event.clientY - top);
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
  const { camera } = lens.seen();
  if (event.shiftKey) {
    lens.look({ camera: pan(camera, -(event.deltaX || event.deltaY) * lines, 0) });
    return;
  }
  const rate = event.ctrlKey ? PINCH_ZOOM : WHEEL_ZOOM;
  lens.look({ camera: zoomAt(camera, at, Math.exp(-event.deltaY * lines * rate)) });
}

/** A pinch on a touchpad, as Safari tells it: by its own events, with the scale since it began. */
interface PinchEvent extends UIEvent {
  readonly scale: number;
  readonly clientX: number;
  readonly clientY: number;
}

/** Chromium and Firefox tell of a pinch by the wheel with Ctrl, see `wheel`. */
function listenForPinches(lens: Lens, element: HTMLElement): () => void {
  let before = 1;
  const onPinch = (event: Event): void => {
    const { type, scale, clientX, clientY } = event as PinchEvent;
    event.preventDefault();
    if (type === 'gesturechange' && scale > 0 && before > 0) {
      const { left, top } = element.getBoundingClientRect();
      const at = screenPoint(clientX - left, clientY - top);
      lens.look({ camera: zoomAt(lens.seen().camera, at, scale / before) });
    }
    before = scale;
  };
  const names = ['gesturestart', 'gesturechange', 'gestureend'] as const;
  for (const name of names) element.addEventListener(name, onPinch, { passive: false });
  return () => {
    for (const name of names) element.removeEventListener(name, onPinch);
  };
}

/** Two fingers pinch and pan. */
function listenForTouches(lens: Lens, element: HTMLElement): () => void {
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
      lens.letGo();
      if (before !== null && before.span > 0) {
        const { camera } = lens.seen();
        const moved = { ...camera, x: camera.x + now.x - before.x, y: camera.y + now.y - before.y };
        lens.look({ camera: zoomAt(moved, screenPoint(now.x, now.y), now.span / before.span) });
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
