import type { ReactNode } from 'react';
import { cx } from './cx';
import css from './FactList.module.css';

/** A name with what is known under it; nothing known: it is left out. */
export type Fact = readonly [name: string, value: ReactNode];

/** What is known of one thing, name beside value; `wide` puts several beside each other. */
export function FactList({ facts, wide = false }: { facts: readonly Fact[]; wide?: boolean }) {
  return (
    <dl className={cx(css.facts, wide && css.wide)}>
      {facts.map(([name, value]) =>
        value ? (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
