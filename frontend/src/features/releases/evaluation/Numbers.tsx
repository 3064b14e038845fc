import { Cell, HeadCell, Notice, Table } from '@/shared/ui';
import { Section } from '../Section';
import css from './Evaluation.module.css';
import { Interval } from './Interval';
import type { Evaluation } from './queries';
import { formatInterval, formatMeasure, spoken, unitOf } from './words';

/** Every number of an evaluation, with its interval, its definition, and the baseline's. */
export function Numbers({ evaluation }: { evaluation: Evaluation }) {
  const { measures, baseline, baseline_name: baselineName, conventions } = evaluation;
  const compared = Object.keys(baseline).length > 0;
  // Why there are none is said in the notes.
  const intervals = Object.values(measures).some((measure) => measure.interval !== null);
  const told = new Map(conventions.map((convention) => [convention.name, convention]));
  const most = (unit: string) =>
    Math.max(
      // The baseline stands on the same line: what is worse has to look worse.
      ...[...Object.entries(measures), ...Object.entries(baseline)]
        .filter(([name]) => unitOf(name) === unit)
        .flatMap(([, measure]) => [measure.value ?? 0, measure.interval?.[1] ?? 0]),
      Number.EPSILON,
    );
  return (
    <Section
      title="Numbers"
      help={
        evaluation.settings.resamples
          ? `Intervals hold 95 % of ${evaluation.settings.resamples.toLocaleString('en')} resamples of ${evaluation.settings.clusters ?? 'infant'}s, drawn whole.`
          : undefined
      }
    >
      {evaluation.notes.length ? (
        <Notice>
          <ul className={css.notes}>
            {evaluation.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
      <Table>
        <thead>
          <tr>
            <HeadCell>Measure</HeadCell>
            <HeadCell numeric>Value</HeadCell>
            {intervals ? <HeadCell numeric>95 % interval</HeadCell> : null}
            <HeadCell aria-label="Plot" />
            {compared ? <HeadCell numeric>{spoken(baselineName)}</HeadCell> : null}
            <HeadCell>What it is</HeadCell>
          </tr>
        </thead>
        <tbody>
          {Object.entries(measures).map(([name, measure]) => {
            const unit = unitOf(name);
            const convention = told.get(name);
            return (
              <tr key={name}>
                <td className={css.name}>{name}</td>
                <Cell numeric className={css.strong}>
                  {withUnit(name, measure.value)}
                </Cell>
                {intervals ? (
                  <Cell numeric quiet>
                    {formatInterval(name, measure)}
                  </Cell>
                ) : null}
                <td>
                  <Interval
                    measure={measure}
                    max={unit ? most(unit) : 1}
                    beside={baseline[name]?.value}
                  />
                </td>
                {compared ? (
                  <Cell numeric quiet>
                    {name in baseline ? withUnit(name, baseline[name]?.value) : ''}
                  </Cell>
                ) : null}
                <Cell quiet title={convention?.source}>
                  {convention ? `${convention.title}: ${convention.definition}` : ''}
                </Cell>
              </tr>
            );
          })}
        </tbody>
      </Table>
    </Section>
  );
}

function withUnit(name: string, value: number | null | undefined): string {
  const unit = unitOf(name);
  const text = formatMeasure(name, value);
  return unit && typeof value === 'number' ? `${text} ${unit}` : text;
}
