import { MAX_NOTE_LENGTH } from '@/shared/domain/rules.gen';
import { Field, Textarea } from '@/shared/ui/Field';

/** What the annotator reads beside an inspector's decision. */
export function NoteField({ note, onChange }: { note: string; onChange: (note: string) => void }) {
  return (
    <Field label="Note to the annotator" optional>
      {(control) => (
        <Textarea
          {...control}
          rows={3}
          maxLength={MAX_NOTE_LENGTH}
          value={note}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
