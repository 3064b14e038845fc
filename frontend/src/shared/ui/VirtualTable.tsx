import { type ReactNode, useEffect, useRef } from 'react';
import { Table } from './Table';
import { usePageRows } from './usePageRows';
import css from './VirtualTable.module.css';

interface VirtualTableProps<T> {
  label: string;
  /** Widths of the columns, which do not follow what is seen of them just now. */
  widths: readonly string[];
  head: ReactNode;
  items: readonly T[];
  /** A row as `<tr>`, with its own key, 44 CSS pixels high. */
  row: (item: T, place: number) => ReactNode;
  /** Scrolls to a row, whenever this changes to one. */
  shown?: number | undefined;
  /** Scrolls by itself where it would be higher than this, in CSS pixels; else with the page. */
  maxHeight?: number;
}

const ROW_HEIGHT = 44;

/** A table of any length; only the rows that are seen exist. */
export function VirtualTable<T>(props: VirtualTableProps<T>) {
  const { label, widths, head, items, row, shown, maxHeight } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const rows = usePageRows(body, { count: items.length, height: ROW_HEIGHT });
  const { scrollTo } = rows;
  const latest = useRef(scrollTo);
  latest.current = scrollTo;
  useEffect(() => {
    if (shown !== undefined && shown >= 0) latest.current(shown);
  }, [shown]);
  const table = (
    <Table className={css.virtual} aria-label={label} aria-rowcount={items.length + 1}>
      <colgroup>
        {widths.map((width, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other name
          <col key={at} style={{ width }} />
        ))}
      </colgroup>
      <thead>{head}</thead>
      <tbody ref={body}>
        <Room height={rows.before} />
        {items.slice(rows.first, rows.end).map((item, i) => row(item, rows.first + i + 2))}
        <Room height={rows.behind} />
      </tbody>
    </Table>
  );
  if (maxHeight === undefined) return table;
  return (
    <div className={css.box} style={{ maxHeight }} data-scrolls>
      {table}
    </div>
  );
}

/** Keeps the place of rows that do not exist now. */
function Room({ height }: { height: number }) {
  return height > 0 ? (
    <tr aria-hidden className={css.room} style={{ height }}>
      <td />
    </tr>
  ) : null;
}
