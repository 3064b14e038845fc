import { formatNumber } from '@/shared/lib/format';
import { Cell, cx, HeadCell, Table } from '@/shared/ui';
import { Section } from '../Section';
import css from './Evaluation.module.css';
import type { Evaluation } from './queries';
import { spoken } from './words';

/** Which posture is taken for which. */
export function Confusion({ evaluation }: { evaluation: Evaluation }) {
  const { confusion } = evaluation;
  if (!confusion) return null;
  const { names, counts } = confusion;
  const used = names
    .map((_, i) => i)
    .filter((i) => counts.some((row, k) => (k === i && row.some(Boolean)) || row[i]));
  return (
    <Section title="Postures" help="Frames by true posture (rows) and predicted posture (columns).">
      <Table>
        <thead>
          <tr>
            <HeadCell>True posture</HeadCell>
            {used.map((i) => (
              <HeadCell key={i} numeric>
                {spoken(names[i] ?? '')}
              </HeadCell>
            ))}
          </tr>
        </thead>
        <tbody>
          {used.map((i) => (
            <tr key={i}>
              <td className={css.name}>{spoken(names[i] ?? '')}</td>
              {used.map((k) => {
                const value = counts[i]?.[k] ?? 0;
                return (
                  <Cell
                    key={k}
                    numeric
                    quiet={value === 0}
                    className={cx(i === k && css.strong, i !== k && value > 0 && css.mistaken)}
                  >
                    {formatNumber(value)}
                  </Cell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
