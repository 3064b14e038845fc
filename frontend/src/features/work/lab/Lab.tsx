import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { labQuery } from '@/shared/api/queries/team';
import { ErrorState, SkeletonRows } from '@/shared/ui';
import { AssignBar } from './AssignBar';
import css from './Lab.module.css';
import { People } from './People';
import { Rules } from './Rules';
import { Stages } from './Stages';
import { StuckList } from './StuckList';

/** The overview of the lab: where recordings stand, what is stuck, who has what. */
export function Lab() {
  const { data, error, refetch } = useQuery(labQuery);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  if (error && !data) {
    return (
      <ErrorState
        title="The overview of the lab could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <SkeletonRows rows={6} height={48} />;
  // What somebody finished meanwhile is no longer there to be assigned.
  const there = new Set(
    [...data.unassigned, ...data.people.flatMap((person) => person.holds)].map(
      (held) => held.recording.id,
    ),
  );
  const selected = [...chosen].filter((id) => there.has(id));
  const choose = (ids: readonly number[], on: boolean) =>
    setChosen((now) => {
      const next = new Set(now);
      for (const id of ids) {
        if (on) next.add(id);
        else next.delete(id);
      }
      return next;
    });
  return (
    <div className={css.lab}>
      <section aria-labelledby="lab-stages">
        <header className={css.head}>
          <h2 id="lab-stages">Where recordings stand</h2>
          <Rules />
        </header>
        <Stages stages={data.stages} />
      </section>
      <section aria-labelledby="lab-stuck">
        <header className={css.head}>
          <h2 id="lab-stuck">What is stuck</h2>
          <span className={css.count}>{data.stuck.length}</span>
        </header>
        <StuckList stuck={data.stuck} days={data.stuck_days} />
      </section>
      <section aria-labelledby="lab-people">
        <header className={css.head}>
          <h2 id="lab-people">Who has what</h2>
          <p>Choose recordings to give them to somebody. What was saved stays.</p>
        </header>
        <AssignBar selected={selected} onDone={() => setChosen(new Set())} />
        <People
          people={data.people}
          unassigned={data.unassigned}
          chosen={new Set(selected)}
          onChoose={choose}
        />
      </section>
    </div>
  );
}
