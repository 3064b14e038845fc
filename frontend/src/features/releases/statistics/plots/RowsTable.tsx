import { formatNumber, formatShare } from '@/shared/lib/format';
import { Cell, HeadCell, Table } from '@/shared/ui';
import { FramesLink } from '../../FramesLink';
import { type Row, totalOf } from '../rows';

interface RowsTableProps {
  releaseId: number;
  /** What a row is. */
  what: string;
  rows: readonly Row[];
}

/** The numbers behind a plot; each leads to its frames. */
export function RowsTable({ releaseId, what, rows }: RowsTableProps) {
  const names = rows[0]?.parts.map((part) => part.name) ?? [];
  const all = rows.reduce((sum, row) => sum + totalOf(row), 0);
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>{what}</HeadCell>
          {names.map((name) => (
            <HeadCell key={name} numeric>
              {name}
            </HeadCell>
          ))}
          {names.length === 1 ? <HeadCell numeric>Share</HeadCell> : null}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.label}>
            <td>{row.label}</td>
            {row.parts.map((part) => (
              <Cell key={part.name} numeric>
                {part.search && part.value ? (
                  <FramesLink
                    releaseId={releaseId}
                    search={part.search}
                    label={`${formatNumber(part.value)} ${part.name}, ${row.label}`}
                  >
                    {formatNumber(part.value)}
                  </FramesLink>
                ) : (
                  formatNumber(part.value)
                )}
              </Cell>
            ))}
            {names.length === 1 ? (
              <Cell numeric quiet>
                {formatShare(totalOf(row), all)}
              </Cell>
            ) : null}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
