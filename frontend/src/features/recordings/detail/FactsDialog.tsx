import { type FormEvent, useId, useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import { useChangeRecording } from '@/shared/api/queries/recordings';
import type { Consent, RecordingDetail, Source } from '@/shared/api/types';
import { MAX_NAME_LENGTH, MAX_NOTE_LENGTH } from '@/shared/domain/rules.gen';
import { CONSENT_LABELS, SOURCE_LABELS } from '@/shared/domain/words';
import { Button, Dialog, Field, Input, Notice, NumberField, Select, Textarea } from '@/shared/ui';
import css from './EventDialog.module.css';

export function FactsDialog({
  recording,
  onClose,
}: {
  recording: RecordingDetail;
  onClose: () => void;
}) {
  const change = useChangeRecording(recording.id);
  const form = useId();
  const [name, setName] = useState(recording.name);
  const [age, setAge] = useState(recording.age_months?.toString() ?? '');
  const [source, setSource] = useState<Source>(recording.source);
  const [consent, setConsent] = useState<Consent>(recording.consent);
  const [notes, setNotes] = useState(recording.notes ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { name, source, consent, notes, age_months: age === '' ? null : Number(age) },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Facts about this recording"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={change.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id={form} className={css.choice} onSubmit={submit}>
        <Field label="Name">
          {(control) => (
            <Input
              {...control}
              required
              maxLength={MAX_NAME_LENGTH}
              value={name}
              onChange={(e) => setName(e.target.value)}
            />
          )}
        </Field>
        <NumberField
          label="Age in months"
          optional
          help="At the time of the recording."
          min={0}
          max={60}
          step="0.1"
          value={age}
          onChange={setAge}
        />
        <Field label="Source">
          {(control) => (
            <Select
              {...control}
              value={source}
              onChange={(e) => setSource(e.target.value as Source)}
            >
              {Object.entries(SOURCE_LABELS).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field
          label="Consent"
          help={
            recording.family_consent
              ? 'What was agreed to when it was made. An entry under Infants counts more, and there is one.'
              : 'What the family agreed to. Releases follow it.'
          }
        >
          {(control) => (
            <Select
              {...control}
              value={consent}
              onChange={(e) => setConsent(e.target.value as Consent)}
            >
              {Object.entries(CONSENT_LABELS).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Notes" optional>
          {(control) => (
            <Textarea
              {...control}
              maxLength={MAX_NOTE_LENGTH}
              value={notes}
              onChange={(e) => setNotes(e.target.value)}
            />
          )}
        </Field>
        {change.error ? <Notice tone="error">{errorMessage(change.error)}</Notice> : null}
      </form>
    </Dialog>
  );
}
