import { formatNumber } from '@/shared/lib/format';
import { Cell, HeadCell, Notice, Table } from '@/shared/ui';
import { Section } from '../Section';
import css from './Evaluation.module.css';
import type { Evaluation } from './queries';
import { formatMeasure } from './words';

const SIZE = 280;
const MARGIN = 34;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

const x = (value: number) => MARGIN + value * (SIZE - MARGIN - 8);
const y = (value: number) => SIZE - MARGIN - value * (SIZE - MARGIN - 8);

/** Whether scores mean what they say: mean score against the OKS that was reached. */
export function Reliability({ evaluation }: { evaluation: Evaluation }) {
  const { reliability } = evaluation;
  if (!reliability) return null;
  const bins = reliability.bins.filter((bin) => bin.count > 0);
  const most = Math.max(...bins.map((bin) => bin.count), 1);
  return (
    <Section
      title="Reliability of scores"
      help="A score that means what it says is as high as the OKS that was reached: its point lies on the line. Larger points stand for more predictions."
    >
      {reliability.why_not ? <Notice tone="warn">{reliability.why_not}.</Notice> : null}
      {bins.length ? (
        <div className={css.reliability}>
          <svg
            viewBox={`0 0 ${SIZE} ${SIZE}`}
            role="img"
            aria-label="Mean OKS by mean score; the table beside it has the numbers"
          >
            {TICKS.map((tick) => (
              <g key={tick} className={css.grid}>
                <line x1={x(tick)} x2={x(tick)} y1={y(0)} y2={y(1)} />
                <line x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
                <text x={x(tick)} y={y(0) + 14} textAnchor="middle">
                  {tick}
                </text>
                <text x={x(0) - 6} y={y(tick) + 4} textAnchor="end">
                  {tick}
                </text>
              </g>
            ))}
            <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} className={css.diagonal} />
            <polyline
              className={css.curve}
              points={bins.map((bin) => `${x(bin.score ?? 0)},${y(bin.oks ?? 0)}`).join(' ')}
            />
            {bins.map((bin) => (
              <circle
                key={bin.low}
                cx={x(bin.score ?? 0)}
                cy={y(bin.oks ?? 0)}
                r={3 + 5 * Math.sqrt(bin.count / most)}
                className={css.dot}
              />
            ))}
            <text x={x(0.5)} y={SIZE - 4} textAnchor="middle" className={css.axis}>
              Mean score
            </text>
            <text
              x={-y(0.5)}
              y={10}
              transform="rotate(-90)"
              textAnchor="middle"
              className={css.axis}
            >
              Mean OKS
            </text>
          </svg>
          <Table>
            <thead>
              <tr>
                <HeadCell>Scores</HeadCell>
                <HeadCell numeric>Predictions</HeadCell>
                <HeadCell numeric>Mean score</HeadCell>
                <HeadCell numeric>Mean OKS</HeadCell>
              </tr>
            </thead>
            <tbody>
              {bins.map((bin) => (
                <tr key={bin.low}>
                  <td>{`${bin.low.toFixed(1)} – ${bin.high.toFixed(1)}`}</td>
                  <Cell numeric>{formatNumber(bin.count)}</Cell>
                  <Cell numeric>{formatMeasure('OKS', bin.score)}</Cell>
                  <Cell numeric>{formatMeasure('OKS', bin.oks)}</Cell>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      ) : null}
    </Section>
  );
}
