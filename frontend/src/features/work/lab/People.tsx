import { Link } from '@tanstack/react-router';
import type { Held, LabPerson } from '@/shared/api/types';
import { ROLE_LABELS } from '@/shared/domain/words';
import {
  count,
  formatDateTime,
  formatNumber,
  formatRelative,
  formatSince,
} from '@/shared/lib/format';
import { Checkbox, PersonName, StageBadge } from '@/shared/ui';
import css from './Lab.module.css';

interface PeopleProps {
  people: readonly LabPerson[];
  unassigned: readonly Held[];
  chosen: ReadonlySet<number>;
  onChoose: (ids: readonly number[], on: boolean) => void;
}

/** Everybody with what they hold and since when; what nobody has stands first. */
export function People({ people, unassigned, chosen, onChoose }: PeopleProps) {
  const worksHere = people.filter(
    (person) =>
      person.holds.length || person.roles.some((r) => r === 'annotator' || r === 'inspector'),
  );
  return (
    <ul className={css.people}>
      {unassigned.length ? (
        <li>
          <div className={css.person}>
            <PersonName name={null} nobody="Nobody yet" size={28} />
            <span className={css.quiet}>{count(unassigned.length, 'recording')}</span>
          </div>
          <Holds holds={unassigned} chosen={chosen} onChoose={onChoose} />
        </li>
      ) : null}
      {worksHere.map((person) => (
        <li key={person.id}>
          <div className={css.person}>
            <PersonName name={person.name} size={28} />
            <span className={css.quiet}>{person.roles.map((r) => ROLE_LABELS[r]).join(', ')}</span>
            <span className={css.quiet}>
              {person.last_active_at ? (
                <time
                  dateTime={person.last_active_at}
                  title={formatDateTime(person.last_active_at)}
                >
                  active {formatRelative(person.last_active_at)}
                </time>
              ) : (
                'not active yet'
              )}
            </span>
          </div>
          {person.holds.length ? (
            <Holds holds={person.holds} chosen={chosen} onChoose={onChoose} />
          ) : (
            <p className={css.free}>Free: holds nothing.</p>
          )}
        </li>
      ))}
    </ul>
  );
}

interface HoldsProps {
  holds: readonly Held[];
  chosen: ReadonlySet<number>;
  onChoose: (ids: readonly number[], on: boolean) => void;
}

function Holds({ holds, chosen, onChoose }: HoldsProps) {
  return (
    <ul className={css.holds}>
      {holds.map((held) => (
        <li key={`${held.recording.id} ${held.part ?? ''} ${held.doing}`}>
          <Checkbox
            checked={chosen.has(held.recording.id)}
            disabled={held.part !== null}
            onChange={(on) => onChoose([held.recording.id], on)}
            label={`Choose ${held.recording.name}`}
            hideLabel
          />
          <Link
            to="/recordings/$recordingId"
            params={{ recordingId: String(held.recording.id) }}
            className={css.heldName}
          >
            {held.recording.name}
            {held.part === null ? '' : `, part ${held.part}`}
          </Link>
          <StageBadge stage={held.stage} />
          <span className={css.left}>{leftOf(held)}</span>
          <span className={css.quiet} title={formatDateTime(held.since)}>
            since {formatSince(held.since)}
          </span>
          <span className={css.quiet}>
            {[
              ...(held.last_saved_at ? [`saved ${formatRelative(held.last_saved_at)}`] : []),
              ...(held.lease_until ? [leaseWords(held.lease_until)] : []),
            ].join(' · ')}
          </span>
        </li>
      ))}
    </ul>
  );
}

function leftOf(held: Held): string {
  if (held.doing === 'inspect') return `${count(held.frames, 'frame')} to inspect`;
  return held.undecided
    ? `${formatNumber(held.undecided)} of ${formatNumber(held.frames)} to decide`
    : `all ${formatNumber(held.frames)} decided`;
}

function leaseWords(until: string): string {
  return new Date(until).getTime() < Date.now()
    ? 'from the queue, offered again'
    : `from the queue, theirs until ${formatDateTime(until)}`;
}
