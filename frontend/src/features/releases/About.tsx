import { SCOPE_LABELS } from '@/shared/domain/words';
import { Field, Input, Select, Textarea } from '@/shared/ui';
import css from './Draft.module.css';
import { Section } from './Section';
import type { Draft } from './useDraft';
import { AUDIENCE_HELP, AUDIENCES, type Audience } from './words';

export function About({ draft }: { draft: Draft }) {
  const { form, faults, set } = draft;
  return (
    <Section title="About" help="What stands beside the files, for those who use them.">
      <div className={css.about}>
        <Field label="Version" error={faults.version}>
          {(control) => (
            <Input
              {...control}
              value={form.version}
              onChange={(e) => set({ version: e.target.value })}
            />
          )}
        </Field>
        <Field label="Audience" help={AUDIENCE_HELP[form.audience]}>
          {(control) => (
            <Select
              {...control}
              value={form.audience}
              onChange={(e) => set({ audience: e.target.value as Audience })}
            >
              {AUDIENCES.map((audience) => (
                <option key={audience} value={audience}>
                  {SCOPE_LABELS[audience]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Licence" help="Needed to publish. For example CC BY-NC 4.0.">
          {(control) => (
            <Input
              {...control}
              value={form.licence}
              maxLength={200}
              onChange={(e) => set({ licence: e.target.value })}
            />
          )}
        </Field>
        <Field label="Contact" help="Needed to publish. Whom to write to.">
          {(control) => (
            <Input
              {...control}
              value={form.contact}
              maxLength={200}
              onChange={(e) => set({ contact: e.target.value })}
            />
          )}
        </Field>
        <Field label="Citation" help="How to name this dataset in a paper." optional>
          {(control) => (
            <Textarea
              {...control}
              value={form.citation}
              maxLength={20_000}
              onChange={(e) => set({ citation: e.target.value })}
            />
          )}
        </Field>
        <Field label="Notes" help="What changed since the last version." optional>
          {(control) => (
            <Textarea
              {...control}
              value={form.notes}
              maxLength={20_000}
              onChange={(e) => set({ notes: e.target.value })}
            />
          )}
        </Field>
      </div>
    </Section>
  );
}
