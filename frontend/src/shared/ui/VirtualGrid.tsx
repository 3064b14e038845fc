import { type ReactNode, useRef } from 'react';
import { usePageRows } from './usePageRows';
import { useSize } from './useSize';

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
  const columns = Math.max(1, Math.floor((width + gap) / (minWidth + gap)));
  const height = Math.ceil(heightOf((width - gap * (columns - 1)) / columns));
  const rows = usePageRows(list, {
    count: width > 0 ? Math.ceil(items.length / columns) : 0,
    height,
    gap,
  });
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
