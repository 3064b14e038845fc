import { Plus, Undo2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { ConsentScope, InfantConsents } from '@/shared/api/types';
import { SCOPE_LABELS } from '@/shared/domain/words';
import { Button, Field, Notice, Select, toast } from '@/shared/ui';
import css from './Infants.module.css';
import { useNoteConsent } from './queries';
import { SignedFields, unsigned } from './SignedFields';
import { AUDIENCES } from './standing';
import { WithdrawConsent } from './WithdrawConsent';

const SCOPE_HELP: Partial<Record<ConsentScope, string>> = {
  internal: 'Pictures stay within the group that made the recordings.',
  research: 'Pictures may go to other researchers, under an agreement.',
  public: 'Pictures may be published for everybody.',
};

function Form({ data, onClose }: { data: InfantConsents; onClose: () => void }) {
  const [scope, setScope] = useState<ConsentScope>('internal');
  const [signed, setSigned] = useState(unsigned);
  const note = useNoteConsent(data.infant.id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { givenOn, document, note: words } = signed;
    note.mutate(
      { scope, given_on: givenOn, document, note: words.trim() || null },
      {
        onSuccess: () => {
          toast.ok(`The consent of ${data.infant.pseudonym} was noted`);
          onClose();
        },
      },
    );
  };
  return (
    <form className={css.form} onSubmit={submit} aria-label="New entry">
      <div className={css.pair}>
        <div className={css.wide}>
          <Field label="The family agrees to" help={SCOPE_HELP[scope]}>
            {(control) => (
              <Select
                {...control}
                value={scope}
                onChange={(e) => setScope(e.target.value as ConsentScope)}
              >
                {AUDIENCES.map((audience) => (
                  <option key={audience} value={audience}>
                    {SCOPE_LABELS[audience]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <SignedFields signed={signed} onChange={setSigned} />
      </div>
      {note.error ? <Notice tone="error">{errorMessage(note.error)}</Notice> : null}
      <div className={css.buttons}>
        <Button
          type="submit"
          variant="primary"
          busy={note.isPending}
          disabled={!signed.document.trim() || !signed.givenOn}
        >
          Add entry
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </form>
  );
}

/** A new entry of consent, or the withdrawal of all. */
export function AddEntry({ data }: { data: InfantConsents }) {
  const [doing, setDoing] = useState<'add' | 'withdraw' | null>(null);
  const close = () => setDoing(null);
  return (
    <>
      {doing === 'add' ? (
        <Form data={data} onClose={close} />
      ) : (
        <div className={css.buttons}>
          <Button icon={<Plus size={14} aria-hidden />} onClick={() => setDoing('add')}>
            Add entry
          </Button>
          {data.infant.scope === 'none' ? null : (
            <Button icon={<Undo2 size={14} aria-hidden />} onClick={() => setDoing('withdraw')}>
              Take consent back…
            </Button>
          )}
        </div>
      )}
      <WithdrawConsent data={data} open={doing === 'withdraw'} onClose={close} />
    </>
  );
}
