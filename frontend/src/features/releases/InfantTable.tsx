import { Lock } from 'lucide-react';
import { labelOf, SCOPE_LABELS, SEX_LABELS, SOURCE_LABELS } from '@/shared/domain/words';
import { formatNumber } from '@/shared/lib/format';
import { Cell, cx, HeadCell, Select, Table } from '@/shared/ui';
import type { Infant } from './queries';
import css from './Splits.module.css';
import { DRAGGED } from './Targets';

export const rowId = (infant: number): string => `infant-${infant}`;

function ages(months: readonly number[]): string {
  const [first, last] = [months[0], months.at(-1)];
  if (first === undefined || last === undefined) return 'unknown';
  const round = (age: number) => formatNumber(Math.round(age * 10) / 10);
  return first === last ? `${round(first)} mo` : `${round(first)}–${round(last)} mo`;
}

interface InfantTableProps {
  table: readonly Infant[];
  splits: readonly string[];
  onAssign: (infant: number, split: string | null) => void;
}

/** The infants of the selection, each with its split; rows can be dragged onto a split. */
export function InfantTable({ table, splits, onAssign }: InfantTableProps) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Infant</HeadCell>
          <HeadCell>Sex</HeadCell>
          <HeadCell>Age</HeadCell>
          <HeadCell>Sources</HeadCell>
          <HeadCell numeric>Recordings</HeadCell>
          <HeadCell numeric>Frames</HeadCell>
          <HeadCell>Consent</HeadCell>
          <HeadCell>Split</HeadCell>
        </tr>
      </thead>
      <tbody>
        {table.map((infant) => (
          <tr
            key={infant.id}
            id={rowId(infant.id)}
            className={cx(!infant.inherited && css.draggable)}
            draggable={!infant.inherited}
            onDragStart={(e) => {
              e.dataTransfer.setData(DRAGGED, String(infant.id));
              e.dataTransfer.effectAllowed = 'move';
            }}
          >
            <td className={css.infant}>{infant.pseudonym}</td>
            <Cell quiet>{infant.sex ? labelOf(SEX_LABELS, infant.sex) : 'not recorded'}</Cell>
            <Cell>{ages(infant.ages_months)}</Cell>
            <Cell>{infant.sources.map((s) => labelOf(SOURCE_LABELS, s)).join(', ')}</Cell>
            <Cell numeric>{formatNumber(infant.recordings)}</Cell>
            <Cell numeric>{formatNumber(infant.frames)}</Cell>
            <Cell>{SCOPE_LABELS[infant.scope]}</Cell>
            <td className={css.choice}>
              {infant.inherited ? (
                <span
                  className={css.locked}
                  title="An infant never changes sides between the versions of a dataset."
                >
                  <Lock size={12} aria-hidden />
                  {infant.split}
                  <small>as in earlier versions</small>
                </span>
              ) : (
                <Select
                  aria-label={`Split of ${infant.pseudonym}`}
                  value={infant.split ?? ''}
                  onChange={(e) => onAssign(infant.id, e.target.value || null)}
                >
                  <option value="">No split yet</option>
                  {splits.map((split) => (
                    <option key={split} value={split}>
                      {split}
                    </option>
                  ))}
                </Select>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
