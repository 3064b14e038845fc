import { humanise } from '@/shared/domain/words';
import { count, formatNumber } from '@/shared/lib/format';
import { Cell, HeadCell, Table } from '@/shared/ui';
import { FramesLink } from '../FramesLink';
import { Figure } from './plots/Figure';
import { Ranges } from './plots/Ranges';
import type { Statistics } from './queries';
import css from './Statistics.module.css';

type Bodies = NonNullable<Statistics['fits']>;

/** How far poses and shapes of the body fits spread. */
export function Fits({ releaseId, found }: { releaseId: number; found: Statistics }) {
  const { fits } = found;
  if (!fits) {
    const fitted = found.table.some((row) => row.fitted > 0);
    return (
      <p className={css.quiet}>
        {fitted
          ? 'Poses and shapes of its bodies were not counted yet when this release was frozen.'
          : 'No frame of it has a verified body fit.'}
      </p>
    );
  }
  return (
    <>
      <p>
        {count(fits.fits, 'verified body fit')} of {count(fits.recordings, 'recording')}, seen in{' '}
        <FramesLink releaseId={releaseId} search={{ fitted: true }}>
          {count(fits.frames, 'frame')}
        </FramesLink>
        .
      </p>
      <div className={css.pair}>
        <Angles fits={fits} />
        <Shapes fits={fits} />
      </div>
    </>
  );
}

function Angles({ fits }: { fits: Bodies }) {
  const rows = fits.angles.map((row) => ({ ...row, label: humanise(row.joint) }));
  return (
    <Figure
      title="How far joints are turned"
      help="Degrees from the body’s rest: from the 5th to the 95th of a hundred fits, with the middle one."
      table={
        <Table>
          <thead>
            <tr>
              <HeadCell>Joint</HeadCell>
              <HeadCell numeric>5th</HeadCell>
              <HeadCell numeric>Middle</HeadCell>
              <HeadCell numeric>95th</HeadCell>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.joint}>
                <td>{row.label}</td>
                <Cell numeric>{row.low}°</Cell>
                <Cell numeric>{row.middle}°</Cell>
                <Cell numeric>{row.high}°</Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      }
    >
      <Ranges label="How far joints are turned" unit="°" rows={rows} />
    </Figure>
  );
}

function Shapes({ fits }: { fits: Bodies }) {
  return (
    <div className={css.shapes}>
      <h3>Shapes</h3>
      {Object.entries(fits.shapes).map(([name, shape]) => (
        <div key={name}>
          <p className={css.quiet}>
            Body “{name}”, {count(shape.runs, 'recording’s shape', 'recordings’ shapes')}; size from{' '}
            {shape.scale[0]} to {shape.scale[2]}, mostly {shape.scale[1]} times the template.
          </p>
          <Table>
            <thead>
              <tr>
                <HeadCell>Direction of shape</HeadCell>
                <HeadCell numeric>Mean</HeadCell>
                <HeadCell numeric>Deviation</HeadCell>
              </tr>
            </thead>
            <tbody>
              {shape.mean.map((mean, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a direction is its number
                <tr key={i}>
                  <td>{formatNumber(i + 1)}</td>
                  <Cell numeric>{mean}</Cell>
                  <Cell numeric>{shape.deviation[i]}</Cell>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      ))}
    </div>
  );
}
