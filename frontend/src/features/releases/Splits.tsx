import { Wand2 } from 'lucide-react';
import { useId } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { Release, ReleaseEffect } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import { Button, Input, Notice, SkeletonRows } from '@/shared/ui';
import { sidesOf } from './form';
import { HeldBars } from './HeldBars';
import { movable, sumsOf, unassigned } from './held';
import { InfantTable } from './InfantTable';
import { useAssign, usePropose } from './queries';
import { Section } from './Section';
import { SourceTable } from './SourceTable';
import css from './Splits.module.css';
import { Targets } from './Targets';
import type { Draft } from './useDraft';

interface SplitsProps {
  release: Release;
  draft: Draft;
  effect: ReleaseEffect | undefined;
  locked: boolean;
}

/** Which infant is on which side; by hand, or proposed. */
export function Splits({ release, draft, effect, locked }: SplitsProps) {
  const seedId = useId();
  const assign = useAssign(release.id);
  const propose = usePropose(release.id);
  const { form, faults, dirty } = draft;
  const table = effect?.table ?? [];
  const sides = sidesOf(form);
  const splits = sides.map((target) => target.name);
  const missing = unassigned(table).length;
  const put = (infants: readonly number[], split: string | null) => {
    const moved = movable(table, infants, split);
    if (moved.length) assign.mutate({ infants: moved, split });
  };
  // A proposal that was refused says nothing of what was changed since.
  const error = (dirty ? null : propose.error) ?? assign.error;
  const proposing = dirty ? 'Save and propose' : 'Propose';
  const ask = async () => {
    try {
      await draft.save();
    } catch {
      return; // The bar of unsaved changes says why.
    }
    propose.mutate(Number(form.seed));
  };
  return (
    <Section
      id="splits"
      title="Splits"
      help="An infant, with all its recordings, is on one side only. What belongs together, such as two infants of one video, has to be on the same side."
      actions={
        <>
          <div className={css.seed}>
            <label htmlFor={seedId}>Seed</label>
            <Input
              id={seedId}
              inputMode="numeric"
              title="Another seed may give another split; the same gives the same."
              value={form.seed}
              aria-invalid={faults.seed ? true : undefined}
              onChange={(e) => draft.set({ seed: e.target.value })}
            />
          </div>
          <Button
            icon={<Wand2 size={14} aria-hidden />}
            disabled={!draft.valid || !table.length || locked}
            busy={propose.isPending || draft.saving}
            onClick={() => void ask()}
          >
            {proposing}
          </Button>
        </>
      }
    >
      {faults.seed ? <Notice tone="warn">Seed: {faults.seed}</Notice> : null}
      {error ? <Notice tone="error">{errorMessage(error)}</Notice> : null}
      <Targets releaseId={release.id} draft={draft} sums={sumsOf(table, sides)} onDrop={put} />
      {effect ? (
        table.length ? (
          <>
            {effect.split_notes.length ? (
              <Notice>
                {effect.split_notes.map((note) => (
                  <p key={note}>{note}</p>
                ))}
              </Notice>
            ) : null}
            <SourceTable releaseId={release.id} draft={draft} effect={effect} />
            <HeldBars releaseId={release.id} held={effect.held} splits={splits} />
            {missing ? (
              <p className={css.missing}>
                {missing === 1
                  ? '1 infant is in no split yet.'
                  : `${count(missing, 'infant')} are in no split yet.`}{' '}
                Press “{proposing}”, choose one in its row, or drag the row onto a split above.
              </p>
            ) : null}
            <InfantTable releaseId={release.id} table={table} splits={splits} onAssign={put} />
          </>
        ) : (
          <p className={css.missing}>The rule above selects no infant yet.</p>
        )
      ) : (
        <SkeletonRows rows={3} />
      )}
    </Section>
  );
}
