import { humanise, labelOf, SEX_LABELS } from '@/shared/domain/words';
import { formatNumber } from '@/shared/lib/format';
import { Cell, HeadCell, Table } from '@/shared/ui';
import { FramesLink } from './FramesLink';
import { framesOf, type HeldRow, heldRows } from './held';
import type { Held } from './queries';
import css from './Splits.module.css';
import { HELD_KINDS } from './words';

export const whole = (share: number): string => `${Math.round(share * 100)} %`;

/** A bar for what is held, and a line across it where it should end. */
export function TargetBar({ share, target }: { share: number; target: number | null }) {
  return (
    <span className={css.bar} aria-hidden>
      <span style={{ width: `${Math.min(100, share * 100)}%` }} />
      {target === null ? null : <i style={{ left: `${Math.min(100, target * 100)}%` }} />}
    </span>
  );
}

function nameOf({ kind, name }: HeldRow): string {
  if (kind === 'infants') return 'All';
  const known: Readonly<Record<string, string>> = kind === 'sex' ? SEX_LABELS : {};
  return known[name] ?? humanise(name);
}

interface HeldBarsProps {
  releaseId: number;
  held: readonly Held[];
  splits: readonly string[];
}

/** What each split holds of every age and sex, and of infants, against what it should hold. */
export function HeldBars({ releaseId, held, splits }: HeldBarsProps) {
  const rows = heldRows(held, splits).filter((row) => row.kind !== 'source');
  if (!rows.length) return null;
  return (
    <details className={css.balance}>
      <summary>How infants, ages and sexes are shared out</summary>
      <Table>
        <thead>
          <tr>
            <HeadCell>Of</HeadCell>
            <HeadCell>Which</HeadCell>
            <HeadCell numeric>In all</HeadCell>
            {splits.map((split) => (
              <HeadCell key={split}>{split}</HeadCell>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={`${row.kind} ${row.name}`}>
              <Cell quiet>
                {rows[i - 1]?.kind === row.kind ? '' : labelOf(HELD_KINDS, row.kind)}
              </Cell>
              <td>{nameOf(row)}</td>
              <Cell numeric>
                <FramesLink releaseId={releaseId} search={framesOf(row)}>
                  {formatNumber(row.total)}
                </FramesLink>
              </Cell>
              {row.cells.map(({ split, amount, share, target }) => (
                <td
                  key={split}
                  title={`${formatNumber(amount)} of ${formatNumber(row.total)}: ${whole(share)}, wanted ${whole(target)}`}
                >
                  <span className={css.share}>
                    <FramesLink
                      releaseId={releaseId}
                      search={{ ...framesOf(row), split }}
                      label={`${formatNumber(amount)}: ${nameOf(row)}, ${split}`}
                    >
                      {formatNumber(amount)}
                    </FramesLink>
                    <small>
                      {whole(share)}, wanted {whole(target)}
                    </small>
                  </span>
                  <TargetBar share={share} target={target} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
    </details>
  );
}
