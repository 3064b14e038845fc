import { Maximize, ZoomIn, ZoomOut } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { cx, IconButton } from '@/shared/ui';
import { Loupe } from './Loupe';
import css from './PointPicture.module.css';
import {
  insetOf,
  type PictureView,
  reveal,
  type Size,
  toPicture,
  wholeIn,
  within,
  zoomAt,
} from './pictureView';

interface Mark {
  index: number;
  title: string;
  /** Pixels of the camera's image, from its outer corner. */
  at: [number, number];
}

interface PointPictureProps {
  url: string;
  /** Size that the camera's pixels count in. */
  size: Size;
  cameraName: string;
  marks: readonly Mark[];
  selected: number;
  /** Null when every point is there. */
  selectedTitle: string | null;
  onPlace: (at: [number, number]) => void;
  /** The chosen point moved by keys: it stays chosen. */
  onNudge: (at: [number, number]) => void;
  onRemove: () => void;
  onFault: (fault: string | null) => void;
}

const DRAG_PX = 4;
const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A camera's picture in which points are clicked: zoom by wheel, shift by dragging. */
export function PointPicture(props: PointPictureProps) {
  const { url, size, cameraName, marks, selected, selectedTitle, onPlace, onNudge } = props;
  const box = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLImageElement>(null);
  const drag = useRef<{ x: number; y: number; from: PictureView; moved: boolean } | null>(null);
  const [window, setWindow] = useState<Size | null>(null);
  const [view, setView] = useState<PictureView | null>(null);
  const [photo, setPhoto] = useState<Size | null>(null);
  const [pointer, setPointer] = useState<[number, number] | null>(null);
  const mark = marks.find((m) => m.index === selected);
  const { width, height } = size;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setWindow({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (window?.width) setView(wholeIn({ width, height }, window));
  }, [window, width, height]);

  // React listens to wheels passively, and the page would scroll along.
  useEffect(() => {
    const element = box.current;
    if (!element || !window) return;
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== element) return;
      event.preventDefault();
      const bounds = element.getBoundingClientRect();
      const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
      const factor = 2 ** (-event.deltaY / 240);
      setView((now) => now && zoomAt(now, factor, x, y, { width, height }, window));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [window, width, height]);

  // Another point was chosen in the list: show it, where the picture is zoomed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the choice changes
  useEffect(() => {
    if (mark && window) setView((now) => now && reveal(now, mark.at, window));
  }, [selected]);

  const at = (event: PointerEvent): [number, number] => {
    const bounds = box.current?.getBoundingClientRect();
    const [x, y] = [event.clientX - (bounds?.left ?? 0), event.clientY - (bounds?.top ?? 0)];
    return view ? toPicture(view, x, y) : [0, 0];
  };
  const inside = ([x, y]: [number, number]) => x >= 0 && y >= 0 && x <= width && y <= height;
  const zoom = (factor: number) => {
    if (!view || !window) return;
    const middle: [number, number] = mark
      ? [view.left + mark.at[0] * view.zoom, view.top + mark.at[1] * view.zoom]
      : [window.width / 2, window.height / 2];
    setView(zoomAt(view, factor, ...middle, size, window));
  };
  const keyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step && mark) {
      event.preventDefault();
      const by = event.shiftKey ? 10 : event.altKey ? 0.1 : 1;
      onNudge(within([mark.at[0] + step[0] * by, mark.at[1] + step[1] * by], size));
    } else if (event.key === 'Enter' && view && window && inset) {
      event.preventDefault();
      onPlace(within(toPicture(view, window.width / 2, window.height / 2), size));
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      props.onRemove();
    } else if (event.key === '+' || event.key === '=') zoom(1.5);
    else if (event.key === '-') zoom(1 / 1.5);
    else if (event.key === '0' && window) setView(wholeIn(size, window));
  };

  const looked = pointer ?? mark?.at ?? null;
  const inset = photo && insetOf(photo, size);
  const scaled =
    view && photo && inset
      ? {
          width: photo.width * inset.factor * view.zoom,
          height: photo.height * inset.factor * view.zoom,
          left: view.left + inset.x * view.zoom,
          top: view.top + inset.y * view.zoom,
        }
      : { visibility: 'hidden' as const };
  return (
    <div className={css.frame}>
      {/* biome-ignore lint/a11y/useSemanticElements: a picture in which one clicks has no element */}
      <div
        ref={box}
        className={css.box}
        style={{ aspectRatio: `${width} / ${height}` }}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move the chosen point
        tabIndex={0}
        aria-label={`Picture of ${cameraName}: ${mark ? `${selectedTitle} is at ${mark.at[0].toFixed(1)}, ${mark.at[1].toFixed(1)}` : selectedTitle ? `click ${selectedTitle}` : 'all points are placed'}`}
        onKeyDown={keyDown}
        onPointerDown={(event) => {
          if (event.button !== 0 || !view) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { x: event.clientX, y: event.clientY, from: view, moved: false };
        }}
        onPointerMove={(event) => {
          const here = at(event);
          setPointer(inside(here) ? here : null);
          const begun = drag.current;
          if (!begun) return;
          const [dx, dy] = [event.clientX - begun.x, event.clientY - begun.y];
          begun.moved ||= Math.hypot(dx, dy) > DRAG_PX;
          if (begun.moved) {
            setView({ ...begun.from, left: begun.from.left + dx, top: begun.from.top + dy });
          }
        }}
        onPointerUp={(event) => {
          const moved = drag.current?.moved;
          drag.current = null;
          const here = at(event);
          if (!moved && inset && inside(here)) onPlace(within(here, size));
        }}
        onPointerCancel={() => {
          drag.current = null;
        }}
        onPointerLeave={() => setPointer(null)}
      >
        <img
          ref={image}
          src={url}
          alt=""
          draggable={false}
          style={scaled}
          className={cx(view && view.zoom > 3 && css.pixels)}
          onLoad={(event) => {
            const { naturalWidth, naturalHeight } = event.currentTarget;
            const natural = { width: naturalWidth, height: naturalHeight };
            setPhoto(natural);
            props.onFault(
              insetOf(natural, size)
                ? null
                : `This picture is ${naturalWidth} × ${naturalHeight}, but ${cameraName} films ${width} × ${height}. Take one of the same camera in the same mode.`,
            );
          }}
          onError={() => props.onFault('This picture cannot be shown.')}
        />
        {view ? (
          <svg className={css.marks} aria-hidden>
            {marks.map((m) => (
              <g
                key={m.index}
                transform={`translate(${view.left + m.at[0] * view.zoom} ${view.top + m.at[1] * view.zoom})`}
                className={cx(m.index === selected && css.chosen)}
              >
                <path className={css.shade} d="M-11 0H-3M3 0H11M0-11V-3M0 3V11" />
                <path d="M-11 0H-3M3 0H11M0-11V-3M0 3V11" />
                <text x="8" y="-8">
                  {m.title}
                </text>
              </g>
            ))}
          </svg>
        ) : null}
      </div>
      <div className={css.tools}>
        <IconButton
          label="Larger"
          shortcut="+"
          size="sm"
          variant="secondary"
          onClick={() => zoom(1.5)}
        >
          <ZoomIn size={14} />
        </IconButton>
        <IconButton
          label="Smaller"
          shortcut="−"
          size="sm"
          variant="secondary"
          onClick={() => zoom(1 / 1.5)}
        >
          <ZoomOut size={14} />
        </IconButton>
        <IconButton
          label="The whole picture"
          shortcut="0"
          size="sm"
          variant="secondary"
          onClick={() => window && setView(wholeIn(size, window))}
        >
          <Maximize size={14} />
        </IconButton>
      </div>
      <Loupe image={image} inset={inset} at={looked} url={url} />
    </div>
  );
}
