import { formatNumber } from '@/shared/lib/format';
import { Badge, Select } from '@/shared/ui';
import type { Answer, Choices, FirstPass, OddKind } from './choices';
import css from './look.module.css';

interface OddsProps {
  report: FirstPass;
  choices: Choices;
  onChange: (next: Choices) => void;
}

const ANSWER_WORDS: Record<Answer, string> = {
  map: 'Include',
  skip: 'Leave out',
  cancel: 'Refuse the import',
};

function PlaceLine({ place }: { place: OddKind['places'][number] }) {
  const who = place.annotation === null ? null : `annotation ${place.annotation}`;
  return (
    <>
      <code>{[place.image, who, place.where].filter(Boolean).join(', ')}</code>
      {place.detail ? `: ${place.detail}` : ''}
    </>
  );
}

/** The first place, and a few more on demand. */
function Places({ odd }: { odd: OddKind }) {
  const [first, ...others] = odd.places;
  const rest = odd.count - odd.places.length;
  if (!first) return null;
  if (!others.length) {
    return (
      <p className={css.place}>
        <PlaceLine place={first} />
      </p>
    );
  }
  return (
    <details className={css.places}>
      <summary>
        <PlaceLine place={first} /> and {formatNumber(odd.count - 1)} more
      </summary>
      <ul>
        {others.map((place) => (
          <li key={`${place.image} ${place.annotation} ${place.where}`}>
            <PlaceLine place={place} />
          </li>
        ))}
        {rest > 0 ? <li>and {formatNumber(rest)} more</li> : null}
      </ul>
    </details>
  );
}

function OddRow({ odd, choices, onChange }: { odd: OddKind } & Omit<OddsProps, 'report'>) {
  const answer = choices.odd[odd.kind] ?? odd.answer;
  const does = odd.answers.find((each) => each.answer === answer);
  const open = odd.asks && !(odd.kind in choices.odd);
  return (
    <li className={css.odd}>
      <div className={css.oddText}>
        <strong>{odd.title}</strong>
        <span className={css.oddCount}>{odd.amount}</span>
        {open ? <Badge tone="warn">look at this</Badge> : null}
        <p className={css.does}>{does?.text}.</p>
        <Places odd={odd} />
      </div>
      <Select
        className={css.answer}
        aria-label={`What to do: ${odd.title}`}
        value={answer}
        onChange={(event) =>
          onChange({
            ...choices,
            odd: { ...choices.odd, [odd.kind]: event.target.value as Answer },
          })
        }
      >
        {odd.answers.map((each) => (
          <option key={each.answer} value={each.answer}>
            {ANSWER_WORDS[each.answer]}
          </option>
        ))}
      </Select>
    </li>
  );
}

/** What is odd, grouped, with counts, the first places, and a choice for each kind. */
export function Odds({ report, choices, onChange }: OddsProps) {
  if (!report.odd.length) {
    return <p className={css.quiet}>Nothing odd was found.</p>;
  }
  const groups = [...new Set(report.odd.map((odd) => odd.group))];
  return (
    <div className={css.block}>
      {groups.map((group) => (
        <section key={group} aria-label={group}>
          <h3>{group}</h3>
          <ul className={css.list}>
            {report.odd
              .filter((odd) => odd.group === group)
              .map((odd) => (
                <OddRow key={odd.kind} odd={odd} choices={choices} onChange={onChange} />
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
