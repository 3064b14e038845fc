import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { useSize } from './useSize';

/** Rows kept ready above and below of what is seen. */
const OVERSCAN = 5;

interface VirtualGridProps<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string | number;
  /** Cells are at least this wide and share the width that is left, in CSS pixels. */
  minWidth: number;
  gap: number;
  /** A cell's height by its width. */
  heightOf: (width: number) => number;
  /** The content of one cell. */
  children: (item: T) => ReactNode;
}

/** A grid of any length that scrolls with the page; only what is seen of it exists. */
export function VirtualGrid<T>(props: VirtualGridProps<T>) {
  const { label, items, keyOf, minWidth, gap, heightOf, children } = props;
  const list = useRef<HTMLUListElement>(null);
  const { width } = useSize(list);
  const [margin, setMargin] = useState(0);
  const columns = Math.max(1, Math.floor((width + gap) / (minWidth + gap)));
  const height = Math.ceil(heightOf((width - gap * (columns - 1)) / columns));
  const grid = useVirtualizer({
    count: width > 0 ? Math.ceil(items.length / columns) : 0,
    getScrollElement: () => scrollerOf(list.current),
    estimateSize: () => height,
    gap,
    overscan: OVERSCAN,
    scrollMargin: margin,
  });
  // What stands above the grid comes and goes without telling it.
  useLayoutEffect(() => {
    const scroller = scrollerOf(list.current);
    if (!list.current || !scroller) return;
    const above = list.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    setMargin(Math.round(above + scroller.scrollTop));
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are kept until they are told
  useLayoutEffect(() => grid.measure(), [grid, height]);

  const rows = grid.getVirtualItems();
  const [first, last] = [rows[0], rows.at(-1)];
  const start = (first?.index ?? 0) * columns;
  const end = ((last?.index ?? -1) + 1) * columns;
  return (
    <ul
      ref={list}
      aria-label={label}
      style={{
        display: 'grid',
        gap,
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        gridAutoRows: height,
        paddingTop: first ? first.start - margin : 0,
        paddingBottom: last ? grid.getTotalSize() - (last.end - margin) : 0,
      }}
    >
      {items.slice(start, end).map((item, i) => (
        <li key={keyOf(item)} aria-posinset={start + i + 1} aria-setsize={items.length}>
          {children(item)}
        </li>
      ))}
    </ul>
  );
}

/** What scrolls when the page does. */
function scrollerOf(element: Element | null): Element | null {
  return element?.closest('main') ?? null;
}
