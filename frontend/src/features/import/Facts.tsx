import { useInfiniteQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { recordingsQuery } from '@/shared/api/queries/recordings';
import { MAX_NAME_LENGTH, MAX_NOTE_LENGTH, MAX_PSEUDONYM_LENGTH } from '@/shared/domain/rules.gen';
import { CONSENT_LABELS, PSEUDONYM_HELP, SEX_LABELS, SOURCE_LABELS } from '@/shared/domain/words';
import { Field, Input, NumberField, Select, Textarea } from '@/shared/ui';
import type { Draft, Faults } from './draft';
import css from './ImportPage.module.css';

interface FactsProps {
  draft: Draft;
  faults: Faults;
  onChange: (next: Partial<Draft>) => void;
}

function Options({ labels }: { labels: Record<string, string> }) {
  return Object.entries(labels).map(([value, label]) => (
    <option key={value} value={value}>
      {label}
    </option>
  ));
}

export function Facts({ draft, faults, onChange }: FactsProps) {
  const list = useId();
  const { data } = useInfiniteQuery(recordingsQuery({}));
  const known = new Set(data?.pages.flatMap((p) => p.items.map((r) => r.infant.pseudonym)));
  return (
    <div className={css.facts}>
      <Field
        label="Name of the recording"
        help="What your team will call it. It must be new."
        error={faults.name}
      >
        {(control) => (
          <Input
            {...control}
            maxLength={MAX_NAME_LENGTH}
            value={draft.name}
            onChange={(e) => onChange({ name: e.target.value })}
          />
        )}
      </Field>
      <Field label="Where it comes from" error={faults.source}>
        {(control) => (
          <Select
            {...control}
            value={draft.source}
            onChange={(e) => onChange({ source: e.target.value as Draft['source'] })}
          >
            <option value="">Choose…</option>
            <Options labels={SOURCE_LABELS} />
          </Select>
        )}
      </Field>
      <Field
        label="Infant’s pseudonym"
        help={`${PSEUDONYM_HELP} The same infant must have the same pseudonym everywhere: it keeps one child from being in both training and test data.`}
        error={faults.pseudonym}
      >
        {(control) => (
          <>
            <Input
              {...control}
              maxLength={MAX_PSEUDONYM_LENGTH}
              list={list}
              autoComplete="off"
              value={draft.pseudonym}
              onChange={(e) => onChange({ pseudonym: e.target.value })}
            />
            <datalist id={list}>
              {[...known].map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Field
        label="Consent"
        help="What the family agreed to. Only “Research and release” may go into a public dataset from a home visit."
        error={faults.consent}
      >
        {(control) => (
          <Select
            {...control}
            value={draft.consent}
            onChange={(e) => onChange({ consent: e.target.value as Draft['consent'] })}
          >
            <option value="">Choose…</option>
            <Options labels={CONSENT_LABELS} />
          </Select>
        )}
      </Field>
      <NumberField
        label="Age in months"
        optional
        help="At the time of the recording. Corrected age for preterm infants."
        error={faults.age}
        min={0}
        max={60}
        step="0.1"
        value={draft.age}
        onChange={(age) => onChange({ age })}
      />
      <Field label="Sex" optional>
        {(control) => (
          <Select
            {...control}
            value={draft.sex}
            onChange={(e) => onChange({ sex: e.target.value as Draft['sex'] })}
          >
            <option value="">Not stated</option>
            <Options labels={SEX_LABELS} />
          </Select>
        )}
      </Field>
      <div className={css.wide}>
        <Field label="Notes" optional help="Anything that annotators should know.">
          {(control) => (
            <Textarea
              {...control}
              maxLength={MAX_NOTE_LENGTH}
              value={draft.notes}
              onChange={(e) => onChange({ notes: e.target.value })}
            />
          )}
        </Field>
      </div>
    </div>
  );
}
