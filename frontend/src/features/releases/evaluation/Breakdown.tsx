import { useState } from 'react';
import { formatNumber } from '@/shared/lib/format';
import { Cell, HeadCell, Table, Tabs } from '@/shared/ui';
import { Section } from '../Section';
import css from './Evaluation.module.css';
import { Interval } from './Interval';
import type { Evaluation, Part } from './queries';
import { FACET_LABELS, formatInterval, formatMeasure, spoken } from './words';

const COLUMNS = ['similarity', 'AP', 'AP.5', 'AR', 'OKS', 'PCK_box@0.1', 'PCK_torso@0.2', 'AJPE'];
/** The number that is plotted, the first that a part has. */
const PLOTTED = ['AP', 'PCK_box@0.1'];

function Parts({ parts, all }: { parts: readonly Part[]; all: Evaluation }) {
  const columns = COLUMNS.filter((name) => parts.some((part) => name in part.measures));
  const plotted = PLOTTED.find((name) => columns.includes(name)) ?? 'AP';
  const images = parts[0]?.images !== null;
  const intervals = parts.some((part) => part.measures[plotted]?.interval);
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Part</HeadCell>
          <HeadCell numeric>{images ? 'Frames' : 'Joints'}</HeadCell>
          {columns.map((name) => (
            <HeadCell key={name} numeric>
              {name === 'AJPE' ? 'AJPE, px' : spoken(name)}
            </HeadCell>
          ))}
          <HeadCell>
            {intervals
              ? `${plotted}, its interval, and the whole (line)`
              : `${plotted}, and the whole (line)`}
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {parts.map((part) => (
          <tr key={part.name}>
            <td className={css.name}>{spoken(part.name)}</td>
            <Cell numeric quiet>
              {formatNumber(part.images ?? part.joints)}
            </Cell>
            {columns.map((name) => (
              <Cell key={name} numeric>
                {formatMeasure(name, part.measures[name]?.value)}
              </Cell>
            ))}
            <td>
              <span className={css.plot}>
                <Interval
                  measure={part.measures[plotted]}
                  max={1}
                  beside={all.measures[plotted]?.value}
                />
                <small>{formatInterval(plotted, part.measures[plotted])}</small>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** The numbers by joint, source, camera, posture, age and size. */
export function Breakdown({ evaluation }: { evaluation: Evaluation }) {
  const facets = Object.keys(FACET_LABELS).filter((name) => evaluation.parts[name]?.length);
  const [facet, setFacet] = useState('joint');
  const parts = evaluation.parts[facet] ?? [];
  return (
    <Section title="By part" help="Where the model does well, and where it does not.">
      <Tabs
        label="Break down by"
        value={facet}
        onChange={setFacet}
        tabs={facets.map((name) => ({ value: name, label: FACET_LABELS[name] }))}
      >
        <Parts parts={parts} all={evaluation} />
      </Tabs>
    </Section>
  );
}
