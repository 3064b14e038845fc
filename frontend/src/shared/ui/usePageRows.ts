import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useLayoutEffect, useState } from 'react';

/** Rows kept ready above and below of what is seen. */
const OVERSCAN = 5;

/** Rows of one height that scroll with the page, or in a box with `data-scrolls`; only those that are seen need to exist. */
export function usePageRows(
  place: RefObject<HTMLElement | null>,
  { count, height, gap = 0 }: { count: number; height: number; gap?: number },
) {
  const [margin, setMargin] = useState(0);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scrollerOf(place.current),
    estimateSize: () => height,
    gap,
    overscan: OVERSCAN,
    scrollMargin: margin,
  });
  // What stands above comes and goes without telling.
  useLayoutEffect(() => {
    const scroller = scrollerOf(place.current);
    if (!place.current || !scroller) return;
    const above = place.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    setMargin(Math.round(above + scroller.scrollTop));
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are kept until they are told
  useLayoutEffect(() => rows.measure(), [rows, height]);
  const items = rows.getVirtualItems();
  const [first, last] = [items[0], items.at(-1)];
  return {
    first: first?.index ?? 0,
    /** One behind the last. */
    end: (last?.index ?? -1) + 1,
    /** Room that the rows before and behind would take, in CSS pixels. */
    before: first ? first.start - margin : 0,
    behind: last ? rows.getTotalSize() - (last.end - margin) : 0,
    scrollTo: (index: number) => rows.scrollToIndex(index, { align: 'center' }),
    /** Scroll as little as needed. */
    reveal: (index: number) => rows.scrollToIndex(index, { align: 'auto' }),
  };
}

/** What scrolls: a box of its own, or the page. */
function scrollerOf(element: Element | null): Element | null {
  return element?.closest('[data-scrolls], main') ?? null;
}
