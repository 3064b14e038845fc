import { Link } from '@tanstack/react-router';
import { Cell, cx, HeadCell, Table } from '@/shared/ui';
import css from './Board.module.css';
import type { Baseline, Kind, Setting } from './queries';
import { COLUMNS, type Pair } from './rows';
import { Value } from './Value';
import {
  formatMeasure,
  headingOf,
  inSentence,
  SETTING_HELP,
  SETTING_LABELS,
  spoken,
  unitOf,
} from './words';

const SETTINGS: readonly Setting[] = ['zero-shot', 'fine-tuned'];

function heading(name: string): string {
  const unit = unitOf(name);
  return unit ? `${headingOf(name)}, ${unit}` : headingOf(name);
}

function Gain({ name, pair }: { name: string; pair: Pair }) {
  const { gain } = pair;
  if (gain === null) return <span className={css.quiet}>–</span>;
  const text = formatMeasure(name, Math.abs(gain));
  return (
    <span className={gain < 0 ? css.worse : css.better}>{`${gain < 0 ? '−' : '+'}${text}`}</span>
  );
}

interface PairTableProps {
  kind: Kind;
  pairs: readonly Pair[];
  /** What is reached without looking at a picture. */
  baseline: Baseline | null;
}

/** A model a row, as published beside trained on this dataset. */
export function PairTable({ kind, pairs, baseline }: PairTableProps) {
  const columns = COLUMNS[kind];
  const first = columns[0] ?? '';
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell rowSpan={2}>Model</HeadCell>
          {SETTINGS.map((setting) => (
            <th
              key={setting}
              scope="colgroup"
              colSpan={columns.length}
              className={css.group}
              title={SETTING_HELP[setting]}
            >
              {SETTING_LABELS[setting]}
            </th>
          ))}
          <HeadCell
            numeric
            rowSpan={2}
            className={css.edge}
            title={`What training on this dataset brought in ${inSentence(first)}.`}
          >
            Gain in {inSentence(first)}
          </HeadCell>
        </tr>
        <tr>
          {SETTINGS.flatMap((setting) =>
            columns.map((name) => (
              <HeadCell
                key={`${setting} ${name}`}
                numeric
                className={name === first ? css.edge : undefined}
              >
                {heading(name)}
              </HeadCell>
            )),
          )}
        </tr>
      </thead>
      <tbody>
        {pairs.map((pair) => (
          <tr key={pair.model}>
            <td className={css.model}>{pair.model}</td>
            {SETTINGS.flatMap((setting) => {
              const entry = pair.entries[setting];
              if (!entry) {
                return (
                  <Cell
                    key={setting}
                    quiet
                    colSpan={columns.length}
                    className={cx(css.edge, css.missing)}
                  >
                    not measured
                  </Cell>
                );
              }
              return columns.map((name) => {
                const value = (
                  <Value name={name} measure={entry.measures[name]} strong={name === first} />
                );
                return (
                  <Cell
                    key={`${setting} ${name}`}
                    numeric
                    className={name === first ? css.edge : undefined}
                  >
                    {name === first ? (
                      <Link
                        to="/releases/$releaseId/leaderboard/$evaluationId"
                        params={{
                          releaseId: String(entry.release_id),
                          evaluationId: String(entry.id),
                        }}
                      >
                        <span className="visually-hidden">
                          {`${pair.model}, ${SETTING_LABELS[setting]}: all numbers, `}
                        </span>
                        {value}
                      </Link>
                    ) : (
                      value
                    )}
                  </Cell>
                );
              });
            })}
            <Cell numeric className={css.edge}>
              <Gain name={first} pair={pair} />
            </Cell>
          </tr>
        ))}
        {baseline ? (
          <tr className={css.baseline}>
            <td>
              {spoken(baseline.name)}
              <small>without looking at a picture; a model has to be better</small>
            </td>
            {columns.map((name) => (
              <Cell key={name} numeric className={name === first ? css.edge : undefined}>
                <Value name={name} measure={baseline.measures[name]} />
              </Cell>
            ))}
            <td colSpan={columns.length} className={css.edge} />
            <td className={css.edge} />
          </tr>
        ) : null}
      </tbody>
    </Table>
  );
}
