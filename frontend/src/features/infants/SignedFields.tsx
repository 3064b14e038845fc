import { MAX_NOTE_LENGTH } from '@/shared/domain/rules.gen';
import { Field, Input, Textarea } from '@/shared/ui';
import css from './Infants.module.css';

const MAX_DOCUMENT = 120;

export interface Signed {
  givenOn: string;
  document: string;
  note: string;
}

/** Today where the person is, as a field for dates reads it. */
export function today(now: Date = new Date()): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

interface SignedFieldsProps {
  signed: Signed;
  onChange: (signed: Signed) => void;
}

/** When it was signed, on which paper, and what else is to be known. */
export function SignedFields({ signed, onChange }: SignedFieldsProps) {
  return (
    <>
      <Field label="Date">
        {(control) => (
          <Input
            {...control}
            type="date"
            required
            max={today()}
            value={signed.givenOn}
            onChange={(e) => onChange({ ...signed, givenOn: e.target.value })}
          />
        )}
      </Field>
      <Field label="Document" help="Its number in your own archive, never a name.">
        {(control) => (
          <Input
            {...control}
            required
            maxLength={MAX_DOCUMENT}
            value={signed.document}
            placeholder="A-12"
            onChange={(e) => onChange({ ...signed, document: e.target.value })}
          />
        )}
      </Field>
      <div className={css.wide}>
        <Field label="Note" optional>
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              maxLength={MAX_NOTE_LENGTH}
              value={signed.note}
              onChange={(e) => onChange({ ...signed, note: e.target.value })}
            />
          )}
        </Field>
      </div>
    </>
  );
}

/** Signed today, on a paper that is still to be named. */
export const unsigned = (): Signed => ({ givenOn: today(), document: '', note: '' });
