import { count, formatNumber } from '@/shared/lib/format';
import { Cell, HeadCell, Table } from '@/shared/ui';
import { FramesLink } from '../FramesLink';
import type { Statistics } from './queries';
import css from './Statistics.module.css';

const hours = (minutes: number): string =>
  minutes < 60 ? `${minutes} min` : `${formatNumber(Math.round(minutes / 6) / 10)} h`;

/** People's versions are those of the table below; models save some as well. */
export function savedVersions({ work }: Pick<Statistics, 'work'>): string {
  const all = count(work.revisions, 'saved version');
  if (!work.people) return all;
  const byPeople = work.people.reduce((sum, one) => sum + (one.versions ?? 0), 0);
  if (byPeople === work.revisions) return all;
  return `${all}, ${formatNumber(byPeople)} by people and ${formatNumber(work.revisions - byPeople)} by models,`;
}

/** Who made the labels, and what is recorded of the time that it took. */
export function Work({ releaseId, found }: { releaseId: number; found: Statistics }) {
  const { work } = found;
  const people = work.people ?? [];
  return (
    <>
      <p>
        {count(work.annotators, 'person', 'people')} annotated and{' '}
        {count(work.inspectors, 'person', 'people')} inspected, in up to{' '}
        {count(work.rounds ?? 0, 'round')}: {savedVersions(found)} of the frames that are in.
        {typeof found.film_hours === 'number'
          ? ` The frames cover ${hours(Math.round(60 * found.film_hours))} of video.`
          : ''}
      </p>
      {people.length ? (
        <>
          <Table>
            <thead>
              <tr>
                <HeadCell>Person</HeadCell>
                <HeadCell>Role</HeadCell>
                <HeadCell numeric>Frames</HeadCell>
                <HeadCell numeric>Versions saved</HeadCell>
                <HeadCell numeric>Time between saves</HeadCell>
                <HeadCell numeric>Inspections decided</HeadCell>
              </tr>
            </thead>
            <tbody>
              {people.map((one) => (
                <tr key={`${one.role} ${one.person}`}>
                  <td>Person {one.person}</td>
                  <td>{one.role === 'annotator' ? 'Annotator' : 'Inspector'}</td>
                  <Cell numeric>
                    <FramesLink
                      releaseId={releaseId}
                      search={{ [one.role]: one.person }}
                      label={`${count(one.frames, 'frame')} of person ${one.person}, ${one.role}`}
                    >
                      {formatNumber(one.frames)}
                    </FramesLink>
                  </Cell>
                  <Cell numeric>
                    {typeof one.versions === 'number' ? formatNumber(one.versions) : '–'}
                  </Cell>
                  <Cell numeric>{typeof one.minutes === 'number' ? hours(one.minutes) : '–'}</Cell>
                  <Cell numeric>
                    {typeof one.rounds === 'number' ? formatNumber(one.rounds) : '–'}
                  </Cell>
                </tr>
              ))}
            </tbody>
          </Table>
          <p className={css.quiet}>
            Only saves are recorded: time between two saves counts unless it is longer than five
            minutes. What somebody did before the first save of a sitting is not in it, nor is the
            time of inspections.
          </p>
        </>
      ) : work.people ? null : (
        <p className={css.quiet}>
          What each person did was not counted yet when this release was frozen.
        </p>
      )}
    </>
  );
}
