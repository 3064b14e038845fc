import { labelOf, REASON_LABELS, SOURCE_LABELS } from '@/shared/domain/words';
import { formatNumber, formatShare } from '@/shared/lib/format';
import { Cell, HeadCell, Table } from '@/shared/ui';
import { FramesLink } from '../FramesLink';
import { splitLabel } from '../frames/conditions';
import { type FrameSearch, frameSearch } from '../frames/search';
import { Bars } from './plots/Bars';
import { Figure } from './plots/Figure';
import { RowsTable } from './plots/RowsTable';
import type { Statistics } from './queries';
import { type Row, totalOf, viewsLabel } from './rows';
import css from './Statistics.module.css';

interface Props {
  releaseId: number;
  found: Statistics;
}

const sum = (rows: Statistics['table'], of: 'raw' | 'kept' | 'fitted' | 'recordings'): number =>
  rows.reduce((all, row) => all + row[of], 0);

/** A number that leads to frames, where there are any. */
function Count({
  releaseId,
  value,
  search,
}: {
  releaseId: number;
  value: number;
  search: FrameSearch;
}) {
  if (!value) return <>{formatNumber(value)}</>;
  return (
    <FramesLink releaseId={releaseId} search={search}>
      {formatNumber(value)}
    </FramesLink>
  );
}

/** The paper's Table 2. */
export function TableTwo({ releaseId, found }: Props) {
  const { table } = found;
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Source</HeadCell>
          <HeadCell>Split</HeadCell>
          <HeadCell>Viewpoint</HeadCell>
          <HeadCell numeric>Recordings</HeadCell>
          <HeadCell numeric>Infants</HeadCell>
          <HeadCell numeric>Raw frames</HeadCell>
          <HeadCell numeric>Kept frames</HeadCell>
          <HeadCell numeric>Kept</HeadCell>
          <HeadCell numeric>With body fit</HeadCell>
        </tr>
      </thead>
      <tbody>
        {table.map((row) => {
          const search = frameSearch({ source: row.source, split: row.split });
          return (
            <tr key={`${row.source} ${row.split}`}>
              <td>{labelOf(SOURCE_LABELS, row.source)}</td>
              <td>{splitLabel(row.split)}</td>
              <td>{viewsLabel(row.views)}</td>
              <Cell numeric>
                <Count releaseId={releaseId} value={row.recordings} search={search} />
              </Cell>
              <Cell numeric>
                <Count releaseId={releaseId} value={row.infants} search={search} />
              </Cell>
              <Cell numeric>
                <Count releaseId={releaseId} value={row.raw} search={{ ...search, raw: true }} />
              </Cell>
              <Cell numeric>
                <Count releaseId={releaseId} value={row.kept} search={search} />
              </Cell>
              <Cell numeric quiet>
                {formatShare(row.kept, row.raw)}
              </Cell>
              <Cell numeric>
                <Count
                  releaseId={releaseId}
                  value={row.fitted}
                  search={{ ...search, fitted: true }}
                />
              </Cell>
            </tr>
          );
        })}
        <tr className={css.total}>
          <td>All</td>
          <td />
          <td />
          <Cell numeric>
            <Count releaseId={releaseId} value={sum(table, 'recordings')} search={{}} />
          </Cell>
          <Cell numeric>
            {typeof found.infants === 'number' ? (
              <Count releaseId={releaseId} value={found.infants} search={{}} />
            ) : null}
          </Cell>
          <Cell numeric>
            <Count releaseId={releaseId} value={sum(table, 'raw')} search={{ raw: true }} />
          </Cell>
          <Cell numeric>
            <Count releaseId={releaseId} value={sum(table, 'kept')} search={{}} />
          </Cell>
          <Cell numeric quiet>
            {formatShare(sum(table, 'kept'), sum(table, 'raw'))}
          </Cell>
          <Cell numeric>
            <Count releaseId={releaseId} value={sum(table, 'fitted')} search={{ fitted: true }} />
          </Cell>
        </tr>
      </tbody>
    </Table>
  );
}

/** Why frames of the same recordings are not in. */
export function Discards({ releaseId, found }: Props) {
  const rows: Row[] = Object.entries(found.discards)
    .map(([reason, value]) => ({
      label: labelOf(REASON_LABELS, reason),
      parts: [{ name: 'frames', value, search: frameSearch({ reason }) }],
    }))
    .sort((a, b) => totalOf(b) - totalOf(a));
  if (!rows.length) return <p className={css.quiet}>No frame of its recordings was discarded.</p>;
  return (
    <Figure
      title="Discarded frames by reason"
      help="Frames of the same recordings that people left out. The numbers lead to those that are discarded now."
      table={<RowsTable releaseId={releaseId} what="Reason" rows={rows} />}
    >
      <Bars releaseId={releaseId} label="Discarded frames by reason" rows={rows} />
    </Figure>
  );
}
