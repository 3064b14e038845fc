import type { ReleaseEffect, Source } from '@/shared/api/types';
import { labelOf, SOURCE_LABELS } from '@/shared/domain/words';
import { count, formatNumber } from '@/shared/lib/format';
import { Cell, Checkbox, HeadCell, Input, Table } from '@/shared/ui';
import { FramesLink } from './FramesLink';
import { SOURCES, sidesOf, type Target } from './form';
import { TargetBar, whole } from './HeldBars';
import { type HeldRow, heldRows } from './held';
import css from './Splits.module.css';
import type { Draft } from './useDraft';

interface CellsProps {
  releaseId: number;
  draft: Draft;
  source: Source;
  sides: readonly Target[];
  row: HeldRow | undefined;
}

/** What each split holds of a source, and what it should; the latter can be a share of its own. */
function Cells({ releaseId, draft: { form, set }, source, sides, row }: CellsProps) {
  const own = form.bySource[source];
  return sides.map(({ name, share }) => {
    const cell = row?.cells.find((one) => one.split === name);
    return (
      <td key={name}>
        <span className={css.share}>
          {cell ? (
            <>
              {whole(cell.share)}{' '}
              <small>
                <FramesLink releaseId={releaseId} search={{ source, split: name }}>
                  {count(cell.amount, 'frame')}
                </FramesLink>
              </small>
            </>
          ) : (
            <small>nothing yet</small>
          )}
        </span>
        <TargetBar share={cell?.share ?? 0} target={cell?.target ?? Number(share) / 100} />
        {own ? (
          <span className={css.wanted}>
            wanted
            <Input
              aria-label={`Share of ${name} in ${labelOf(SOURCE_LABELS, source)}, in percent`}
              inputMode="decimal"
              value={own[name] ?? '0'}
              onChange={(e) =>
                set({
                  bySource: { ...form.bySource, [source]: { ...own, [name]: e.target.value } },
                })
              }
            />
            %
          </span>
        ) : (
          <small className={css.wanted}>wanted {whole(Number(share) / 100)}</small>
        )}
      </td>
    );
  });
}

interface SourceTableProps {
  releaseId: number;
  draft: Draft;
  effect: ReleaseEffect;
}

/** Source by split: what is wanted and what is reached. */
export function SourceTable({ releaseId, draft, effect }: SourceTableProps) {
  const { form, faults, set } = draft;
  const sides = sidesOf(form);
  const rows = heldRows(
    effect.held,
    sides.map((side) => side.name),
  ).filter((row) => row.kind === 'source');
  const known = new Set(effect.table.flatMap((infant) => infant.sources));
  const sources = SOURCES.filter((source) => known.has(source));
  const toggle = (source: Source, on: boolean) => {
    const { [source]: _, ...others } = form.bySource;
    const copied = Object.fromEntries(form.targets.map(({ name, share }) => [name, share]));
    set({ bySource: on ? { ...others, [source]: copied } : others });
  };
  return (
    <div className={css.sources}>
      <Table aria-label="Frames by source and split">
        <thead>
          <tr>
            <HeadCell>Frames by source</HeadCell>
            {sides.map((side) => (
              <HeadCell key={side.name}>{side.name}</HeadCell>
            ))}
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => {
            const row = rows.find((one) => one.name === source);
            return (
              <tr key={source}>
                <Cell>
                  {labelOf(SOURCE_LABELS, source)}
                  {row ? (
                    <small>
                      {' '}
                      <FramesLink releaseId={releaseId} search={{ source }}>
                        {formatNumber(row.total)}
                      </FramesLink>
                    </small>
                  ) : null}
                  {form.folds === null ? (
                    <Checkbox
                      checked={form.bySource[source] !== undefined}
                      onChange={(on) => toggle(source, on)}
                      label="Shares of its own"
                    />
                  ) : null}
                </Cell>
                <Cells
                  releaseId={releaseId}
                  draft={draft}
                  source={source}
                  sides={sides}
                  row={row}
                />
              </tr>
            );
          })}
        </tbody>
      </Table>
      {faults.bySource ? <p className={css.fault}>{faults.bySource}</p> : null}
    </div>
  );
}
