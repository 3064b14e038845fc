import { useQuery } from '@tanstack/react-query';
import { posturesQuery } from '@/shared/api/queries/postures';
import { GROUP_LABELS } from '@/shared/domain/postures';
import { POSTURE_GROUPS } from '@/shared/domain/rules.gen';
import { count, formatNumber } from '@/shared/lib/format';
import css from './SideColumn.module.css';

const percent = (part: number, all: number): string =>
  all === 0 ? '–' : `${Math.round((100 * part) / all)} %`;

/** For which share of a recording's moments a posture is named; nothing where none is. */
export function PostureFacts({ recordingId }: { recordingId: number }) {
  const { data } = useQuery(posturesQuery(recordingId));
  if (data === undefined || data.covered === 0) return null;
  const inGroup = (group: string): number =>
    data.ranges
      .filter((range) => range.group === group)
      .reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return (
    <section className={css.section} aria-label="Postures">
      <header>
        <h2>Postures</h2>
      </header>
      <dl className={css.facts}>
        <div>
          <dt>Named</dt>
          <dd>
            {formatNumber(data.named)} of {count(data.moments, 'moment')} (
            {percent(data.named, data.moments)})
          </dd>
        </div>
        {data.covered > data.named ? (
          <div>
            <dt>Only the group</dt>
            <dd>{formatNumber(data.covered - data.named)}</dd>
          </div>
        ) : null}
        {POSTURE_GROUPS.filter((group) => inGroup(group) > 0).map((group) => (
          <div key={group}>
            <dt>{GROUP_LABELS[group]}</dt>
            <dd>{percent(inGroup(group), data.moments)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
