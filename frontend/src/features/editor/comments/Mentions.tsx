import { AtSign } from 'lucide-react';
import type { Person } from '@/shared/api/types';
import css from './comments.module.css';

/** Who is asked to see something. */
export function Mentioned({ people }: { people: readonly Person[] }) {
  if (people.length === 0) return null;
  return <p className={css.mentioned}>for {people.map(({ name }) => `@${name}`).join(', ')}</p>;
}

/** People who are to see it: pressed ones are mentioned. */
export function Mentioning({
  people,
  chosen,
  onChange,
}: {
  people: readonly Person[];
  chosen: readonly number[];
  onChange: (chosen: readonly number[]) => void;
}) {
  if (people.length === 0) return null;
  return (
    <span className={css.mentioning}>
      {people.map(({ id, name }) => {
        const on = chosen.includes(id);
        return (
          <button
            key={id}
            type="button"
            aria-pressed={on}
            title={`${name} finds it under “My work”`}
            onClick={() => onChange(on ? chosen.filter((one) => one !== id) : [...chosen, id])}
          >
            <AtSign size={11} aria-hidden />
            {name}
          </button>
        );
      })}
    </span>
  );
}
