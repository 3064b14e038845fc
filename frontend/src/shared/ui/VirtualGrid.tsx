import { type ReactNode, useEffect, useRef } from 'react';
import { usePageRows } from './usePageRows';
import { useSize } from './useSize';

/** Below this, what is looked at stands under the grid: following it would scroll it away. */
const SIDE_BY_SIDE = '(min-width: 1101px)';

interface VirtualGridProps<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string | number;
  /** Cells are at least this wide and share the width that is left, in CSS pixels. */
  minWidth: number;
  gap: number;
  /** A cell's height by its width. */
  heightOf: (width: number) => number;
  /** The place of the item that is looked at beside the grid: its row scrolls into view. */
  shown?: number;
  /** The content of one cell. */
  children: (item: T) => ReactNode;
}

/** A grid of any length that scrolls with the page; only what is seen of it exists. */
export function VirtualGrid<T>(props: VirtualGridProps<T>) {
  const { label, items, keyOf, minWidth, gap, heightOf, shown = -1, children } = props;
  const list = useRef<HTMLUListElement>(null);
  const { width } = useSize(list);
  const columns = Math.max(1, Math.floor((width + gap) / (minWidth + gap)));
  const height = Math.ceil(heightOf((width - gap * (columns - 1)) / columns));
  const rows = usePageRows(list, {
    count: width > 0 ? Math.ceil(items.length / columns) : 0,
    height,
    gap,
  });
  const ready = width > 0;
  const { reveal } = rows;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another item moves the grid
  useEffect(() => {
    if (!ready || shown < 0 || !matchMedia(SIDE_BY_SIDE).matches) return;
    const frame = requestAnimationFrame(() => reveal(Math.floor(shown / columns)));
    return () => cancelAnimationFrame(frame);
  }, [shown, ready]);
  const start = rows.first * columns;
  return (
    <ul
      ref={list}
      aria-label={label}
      style={{
        display: 'grid',
        gap,
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        gridAutoRows: height,
        paddingTop: rows.before,
        paddingBottom: rows.behind,
        // Rows come and go above: the browser must not take that for moved content.
        overflowAnchor: 'none',
      }}
    >
      {items.slice(start, rows.end * columns).map((item, i) => (
        <li key={keyOf(item)} aria-posinset={start + i + 1} aria-setsize={items.length}>
          {children(item)}
        </li>
      ))}
    </ul>
  );
}
