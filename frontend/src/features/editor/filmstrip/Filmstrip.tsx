import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { openDoubts } from '@/shared/api/doubts';
import type { FrameItem } from '@/shared/api/types';
import { FRAME_STATE_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { nameOf, wordsFor } from '../frames/naming';
import { FILTERS, type Filter, filterCounts, filterLabel, type Mode } from '../frames/navigation';
import { usePeople } from '../inspect/filmstripFacts';
import { ownFrames } from '../parts/part';
import { PostureLane } from '../postures/PostureLane';
import { PosturePalette } from '../postures/PosturePalette';
import { useEditor, useEditorParts, useEditorPartsSoon, useEditorState } from '../store/context';
import { paintStrip, type StripColours, StripScale, signOf } from './cells';
import css from './filmstrip.module.css';
import { type Listing, listingOf } from './listing';
import { RangeBar } from './RangeBar';
import { RangeBrackets } from './RangeBrackets';
import { Thumbnails } from './Thumbnails';

const HEIGHT = 26;
/** While the hand moves, frames are shown at most this often. */
const SCRUB_MS = 60;

/** All frames at a glance, those around the current one as pictures, and the filter. */
export function Filmstrip() {
  return (
    <nav className={css.filmstrip} aria-label="Frames">
      <RangeBar />
      <PosturePalette />
      <Frames />
    </nav>
  );
}

/** The canvas comes first; the strip follows a moment later. */
function Frames() {
  const parts = useEditorPartsSoon((s) => ({
    frames: s.frames,
    order: s.order,
    filter: s.filter,
    mode: s.mode,
    part: s.part,
    recording: s.recording,
    views: s.views,
    refused: s.refused,
    onlyMatching: s.view.onlyMatching,
  }));
  const { frames, order, mode, onlyMatching } = parts;
  const listing = useMemo(() => listingOf(parts, onlyMatching), [parts, onlyMatching]);
  return (
    <>
      <Thumbnails listing={listing} />
      <div className={css.bar}>
        <FilterSelect frames={frames} matching={order.length} mode={mode} />
        <Strip frames={frames} listing={listing} mode={mode} />
      </div>
    </>
  );
}

interface FilterSelectProps {
  frames: readonly FrameItem[];
  matching: number;
  mode: Mode;
}

function FilterSelect({ frames, matching, mode }: FilterSelectProps) {
  const editor = useEditor();
  const { part, filter, onlyMatching } = useEditorParts((s) => ({
    part: s.part,
    filter: s.filter,
    onlyMatching: s.view.onlyMatching,
  }));
  const counts = useMemo(() => filterCounts(ownFrames(frames, part), mode), [frames, part, mode]);
  const people = usePeople();
  const seed = filter.startsWith('drawn:') ? Number(filter.slice(6)) : 0;
  return (
    <span className={css.filter}>
      <label>
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
      </label>
      {filter !== 'all' && (
        <>
          <span className={css.of}>{count(matching, 'frame')}</span>
          <label className={css.only} title="Off: the other frames stay where they are, dimmed">
            <input
              type="checkbox"
              checked={onlyMatching}
              onChange={(event) => {
                const { view } = editor.state;
                editor.set({ view: { ...view, onlyMatching: event.target.checked } });
                event.target.blur();
              }}
            />
            only these
          </label>
        </>
      )}
    </span>
  );
}

interface StripProps {
  frames: readonly FrameItem[];
  listing: Listing;
  mode: Mode;
}

const Strip = memo(function Strip({ frames, listing, mode }: StripProps) {
  const editor = useEditor();
  const { listed, matching } = listing;
  const { index } = useEditorPartsSoon((s) => ({ index: s.index }));
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<number | null>(null);
  const scrub = useRef({ at: 0, timer: 0 });
  const scale = useMemo(() => new StripScale(listed.length, width), [listed.length, width]);

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
    paintStrip(context, frames, listing, scale, HEIGHT, coloursOf(element), mode);
  }, [frames, listing, scale, width, mode]);

  const show = (x: number): void => {
    const next = listed[scale.at(x)];
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
  const pointed = hover === null ? undefined : listed[hover];
  const item = frames[pointed ?? -1];

  return (
    <div className={css.strip}>
      <canvas
        ref={canvas}
        style={{ height: HEIGHT }}
        role="slider"
        tabIndex={-1}
        aria-label="Frame"
        aria-valuemin={1}
        aria-valuemax={Math.max(1, listed.length)}
        aria-valuenow={listed.indexOf(index) + 1}
        data-testid="filmstrip"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          show(xOf(event));
        }}
        onPointerMove={(event) => {
          setHover(listed.length === 0 ? null : scale.at(xOf(event)));
          if (event.buttons === 1) show(xOf(event));
        }}
        onPointerLeave={() => setHover(null)}
      />
      <RangeBrackets frames={frames} listed={listed} scale={scale} />
      <Here listed={listed} scale={scale} />
      {item !== undefined && hover !== null && (
        <span
          className={css.tip}
          style={{ left: Math.min(Math.max(scale.x(hover), 60), width - 60) }}
        >
          {wordsFor(nameOf(item, editor.state.recording, frames))} ·{' '}
          {FRAME_STATE_LABELS[signOf(item, mode)]}
          {item.in_playback ? ' in playback' : ''}
          {listing.refused.has(item.id) && ' · your change was not saved'}
          {openDoubts(item) > 0 && ` · ${count(openDoubts(item), 'joint')} doubted`}
          {matching?.has(pointed ?? -1) === false && ' · left out by the filter'}
        </span>
      )}
      <PostureLane frames={frames} order={listed} scale={scale} />
    </div>
  );
});

/** The frame on the canvas: at once, while the strip itself may follow. */
function Here({ listed, scale }: { listed: readonly number[]; scale: StripScale }) {
  const index = useEditorState((s) => s.index);
  const at = listed.indexOf(index);
  if (at < 0) return null;
  return (
    <i className={css.here} style={{ left: scale.x(at) - 1, width: Math.max(4, scale.cell + 1) }} />
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
