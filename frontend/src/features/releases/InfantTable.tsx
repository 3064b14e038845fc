import { Lock } from 'lucide-react';
import { useEffect, useState } from 'react';
import { labelOf, SCOPE_LABELS, SEX_LABELS, SOURCE_LABELS } from '@/shared/domain/words';
import { count, formatNumber } from '@/shared/lib/format';
import { Cell, cx, HeadCell, SearchInput, Select, toast, VirtualTable } from '@/shared/ui';
import { FramesLink } from './FramesLink';
import { shownInfants } from './held';
import type { Infant } from './queries';
import { reveal, useDragging, useRevealed } from './reveal';
import css from './Splits.module.css';
import { DRAGGED } from './Targets';

const WIDTHS = ['16%', '10%', '11%', '14%', '10%', '10%', '10%', '19%'];
/** Splits above and the gate below stay near, however many infants there are. */
const MAX_HEIGHT = 560;
/** Stands for infants in no split, in choices whose values are names of splits. */
const NONE = '–';

function ages(months: readonly number[]): string {
  const [first, last] = [months[0], months.at(-1)];
  if (first === undefined || last === undefined) return 'unknown';
  const round = (age: number) => formatNumber(Math.round(age * 10) / 10);
  return first === last ? `${round(first)} mo` : `${round(first)}–${round(last)} mo`;
}

interface RowProps {
  releaseId: number;
  infant: Infant;
  place: number;
  splits: readonly string[];
  /** Its choice takes the focus. */
  revealed: boolean;
  onAssign: (infants: readonly number[], split: string | null) => void;
}

function Row({ releaseId, infant, place, splits, revealed, onAssign }: RowProps) {
  return (
    <tr
      aria-rowindex={place}
      className={cx(!infant.inherited && css.draggable)}
      draggable={!infant.inherited}
      onDragStart={(e) => {
        e.dataTransfer.setData(DRAGGED, String(infant.id));
        e.dataTransfer.effectAllowed = 'move';
        useDragging.setState({ dragging: true });
      }}
      onDragEnd={() => useDragging.setState({ dragging: false })}
    >
      <td className={css.infant} title={infant.pseudonym}>
        {infant.pseudonym}
      </td>
      <Cell quiet>{infant.sex ? labelOf(SEX_LABELS, infant.sex) : 'not recorded'}</Cell>
      <Cell>{ages(infant.ages_months)}</Cell>
      <Cell>{infant.sources.map((s) => labelOf(SOURCE_LABELS, s)).join(', ')}</Cell>
      <Cell numeric>{formatNumber(infant.recordings)}</Cell>
      <Cell numeric>
        <FramesLink
          releaseId={releaseId}
          search={{ infant: infant.id }}
          label={`${count(infant.frames, 'frame')} of ${infant.pseudonym}`}
        >
          {formatNumber(infant.frames)}
        </FramesLink>
      </Cell>
      <Cell>{SCOPE_LABELS[infant.scope]}</Cell>
      <td>
        {infant.inherited ? (
          <span
            className={css.locked}
            title="As in earlier versions: an infant never changes sides between the versions of a dataset."
          >
            <Lock size={12} aria-hidden />
            {infant.split}
            <small>as before</small>
          </span>
        ) : (
          <Select
            ref={(select) => {
              if (!revealed || !select) return;
              select.focus({ preventScroll: true });
              select.scrollIntoView({ block: 'center' });
              reveal(null);
            }}
            aria-label={`Split of ${infant.pseudonym}`}
            value={infant.split ?? ''}
            onChange={(e) => onAssign([infant.id], e.target.value || null)}
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
  );
}

const HEAD = (
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
);

interface InfantTableProps {
  releaseId: number;
  table: readonly Infant[];
  splits: readonly string[];
  onAssign: (infants: readonly number[], split: string | null) => void;
}

/** The infants of the selection, each with its split; rows can be dragged onto a split. */
export function InfantTable({ releaseId, table, splits, onAssign }: InfantTableProps) {
  const [q, setQ] = useState('');
  const [side, setSide] = useState('');
  const { infant: wanted } = useRevealed();
  const shown = shownInfants(table, q, side === '' ? undefined : side === NONE ? null : side);
  const all = shownInfants(table, '', undefined);
  useEffect(() => {
    // What is to be shown must not be filtered away.
    if (wanted === null) return;
    setQ('');
    setSide('');
    if (table.some((infant) => infant.id === wanted && !infant.inherited)) return;
    toast.info('This infant cannot be moved: it is not in the selection, or has its side already');
    reveal(null);
  }, [wanted, table]);
  const free = shown.filter((infant) => !infant.inherited);
  return (
    <>
      <div className={css.tools}>
        <SearchInput
          aria-label="Search infants of the selection"
          placeholder="Pseudonym"
          value={q}
          onChange={(e) => setQ(e.target.value)}
        />
        <Select aria-label="Which infants" value={side} onChange={(e) => setSide(e.target.value)}>
          <option value="">All splits</option>
          <option value={NONE}>In no split</option>
          {splits.map((split) => (
            <option key={split} value={split}>
              In {split}
            </option>
          ))}
        </Select>
        <span role="status">
          {shown.length === all.length
            ? count(all.length, 'infant')
            : `${formatNumber(shown.length)} of ${count(all.length, 'infant')}`}
        </span>
        {shown.length < all.length && free.length ? (
          <Select
            aria-label="Put all shown infants into a split"
            value=""
            onChange={(e) =>
              onAssign(
                free.map((infant) => infant.id),
                e.target.value === NONE ? null : e.target.value,
              )
            }
          >
            <option value="">Put {free.length === 1 ? 'it' : `these ${free.length}`} into…</option>
            {splits.map((split) => (
              <option key={split} value={split}>
                {split}
              </option>
            ))}
            <option value={NONE}>No split</option>
          </Select>
        ) : null}
      </div>
      <VirtualTable
        label="Infants and their splits"
        widths={WIDTHS}
        head={HEAD}
        maxHeight={MAX_HEIGHT}
        items={shown}
        shown={wanted === null ? undefined : shown.findIndex((infant) => infant.id === wanted)}
        row={(infant, place) => (
          <Row
            key={infant.id}
            releaseId={releaseId}
            infant={infant}
            place={place}
            splits={splits}
            revealed={infant.id === wanted}
            onAssign={onAssign}
          />
        )}
      />
    </>
  );
}
