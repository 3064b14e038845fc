import { useDeferredValue, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { FrameItem } from '@/shared/api/types';
import { FRAME_STATE_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { nameOf, wordsFor } from '../frames/naming';
import { FILTERS, type Filter, filterCounts, filterLabel, type Mode } from '../frames/navigation';
import { usePeople } from '../inspect/filmstripFacts';
import { PostureLane } from '../postures/PostureLane';
import { PosturePalette } from '../postures/PosturePalette';
import { useEditor, useEditorParts } from '../store/context';
import { paintStrip, type StripColours, StripScale, signOf } from './cells';
import css from './filmstrip.module.css';
import { RangeBar } from './RangeBar';
import { RangeBrackets } from './RangeBrackets';
import { Thumbnails } from './Thumbnails';

const HEIGHT = 26;
/** While the hand moves, frames are shown at most this often. */
const SCRUB_MS = 60;

/** All frames at a glance, those around the current one as pictures, and the filter. */
export function Filmstrip() {
  const { frames, order, index, filter, mode } = useEditorParts((s) => ({
    mode: s.mode,
    frames: s.frames,
    order: s.order,
    index: s.index,
    filter: s.filter,
  }));
  // The canvas comes first; the strip may follow a moment later.
  const deferred = useDeferredValue(index);
  const known = useDeferredValue(frames);
  return (
    <nav className={css.filmstrip} aria-label="Frames">
      <RangeBar />
      <PosturePalette />
      <Thumbnails index={deferred} />
      <div className={css.bar}>
        <FilterSelect filter={filter} frames={known} order={order} mode={mode} />
        <Strip frames={known} order={order} index={index} mode={mode} />
      </div>
    </nav>
  );
}

interface FilterSelectProps {
  filter: Filter;
  frames: readonly FrameItem[];
  order: readonly number[];
  mode: Mode;
}

function FilterSelect({ filter, frames, order, mode }: FilterSelectProps) {
  const editor = useEditor();
  const counts = useMemo(() => filterCounts(frames, mode), [frames, mode]);
  const people = usePeople();
  const seed = filter.startsWith('drawn:') ? Number(filter.slice(6)) : 0;
  return (
    <label className={css.filter}>
      <span className="visually-hidden">Show</span>
      <select
        value={filter}
        onChange={(event) => {
          editor.walk.setFilter(event.target.value as Filter);
          event.target.blur();
        }}
      >
        {FILTERS.map((name) => (
          <option key={name} value={name} disabled={counts.get(name) === 0 && name !== filter}>
            {filterLabel(name, mode)} ({counts.get(name)})
          </option>
        ))}
        {people.map(({ id, name }) => (
          <option key={id} value={`by:${id}`}>
            By {name}
          </option>
        ))}
        {seed > 0 && <option value={filter}>Drawn by chance, seed {seed}</option>}
        {mode === 'inspect' && (
          <option value={`drawn:${seed + 1}`}>
            {seed > 0 ? 'Draw others by chance' : 'Some, drawn by chance'}
          </option>
        )}
      </select>
      {filter !== 'all' && <span className={css.of}>{order.length} shown</span>}
    </label>
  );
}

interface StripProps {
  frames: readonly FrameItem[];
  order: readonly number[];
  index: number;
  mode: Mode;
}

function Strip({ frames, order, index, mode }: StripProps) {
  const editor = useEditor();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<number | null>(null);
  const scrub = useRef({ at: 0, timer: 0 });
  const scale = useMemo(() => new StripScale(order.length, width), [order.length, width]);

  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    element.width = width * ratio;
    element.height = HEIGHT * ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintStrip(context, frames, order, scale, HEIGHT, coloursOf(element), mode);
  }, [frames, order, scale, width, mode]);

  const show = (x: number): void => {
    const next = order[scale.at(x)];
    if (next === undefined || next === editor.state.index) return;
    const wait = scrub.current.at + SCRUB_MS - performance.now();
    window.clearTimeout(scrub.current.timer);
    if (wait <= 0) {
      scrub.current.at = performance.now();
      editor.go(next);
    } else {
      scrub.current.timer = window.setTimeout(() => editor.go(next), wait);
    }
  };
  const xOf = (event: React.PointerEvent): number =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  const at = order.indexOf(index);
  const item = hover === null ? undefined : frames[order[hover] ?? -1];

  return (
    <div className={css.strip}>
      <canvas
        ref={canvas}
        style={{ height: HEIGHT }}
        role="slider"
        tabIndex={-1}
        aria-label="Frame"
        aria-valuemin={1}
        aria-valuemax={Math.max(1, order.length)}
        aria-valuenow={at + 1}
        data-testid="filmstrip"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          show(xOf(event));
        }}
        onPointerMove={(event) => {
          setHover(order.length === 0 ? null : scale.at(xOf(event)));
          if (event.buttons === 1) show(xOf(event));
        }}
        onPointerLeave={() => setHover(null)}
      />
      <RangeBrackets frames={frames} order={order} scale={scale} />
      {at >= 0 && (
        <i
          className={css.here}
          style={{ left: scale.x(at) - 1, width: Math.max(4, scale.cell + 1) }}
        />
      )}
      {item !== undefined && hover !== null && (
        <span
          className={css.tip}
          style={{ left: Math.min(Math.max(scale.x(hover), 60), width - 60) }}
        >
          {wordsFor(nameOf(item, editor.state.recording, frames))} ·{' '}
          {FRAME_STATE_LABELS[signOf(item, mode)]}
          {item.in_playback ? ' in playback' : ''}
          {(item.doubts ?? 0) > 0 && ` · ${count(item.doubts ?? 0, 'joint')} doubted`}
        </span>
      )}
      <PostureLane frames={frames} order={order} scale={scale} />
    </div>
  );
}

function coloursOf(element: Element): StripColours {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    states: {
      undecided: colour('--state-undecided'),
      accepted: colour('--state-accepted'),
      corrected: colour('--state-corrected'),
      discarded: colour('--state-discarded'),
      returned: colour('--state-returned'),
    },
    commented: colour('--state-commented'),
    ground: colour('--bg-side'),
    good: colour('--text'),
    revise: colour('--danger'),
    doubted: colour('--warn'),
  };
}
