import { useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { HoldingRelease, InfantConsents } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import { Button, Dialog, Notice, toast } from '@/shared/ui';
import css from './Infants.module.css';
import { useNoteConsent } from './queries';
import { SignedFields, unsigned } from './SignedFields';

export function nameOf({ title, version }: HoldingRelease): string {
  return `${title} ${version}`;
}

/** What a withdrawal will do, before it is done. */
function Consequences({ data: { checked, published, infant } }: { data: InfantConsents }) {
  const out = published.filter((release) => release.state === 'published');
  return (
    <ul className={css.told}>
      <li>
        {infant.pseudonym} is left out of all drafts and of every later release.
        {infant.recordings ? ' Its recordings stay here, and go nowhere.' : ''}
      </li>
      <li>
        {checked.length
          ? `Checked releases that hold it become drafts again, also while one is being written: ${checked
              .map(nameOf)
              .join(', ')}.`
          : 'No checked release holds it, so none becomes a draft again.'}
      </li>
      <li>
        {out.length
          ? `${count(out.length, 'published release')} that ${out.length === 1 ? 'holds' : 'hold'} it ${out.length === 1 ? 'stays' : 'stay'} published until you withdraw ${out.length === 1 ? 'it' : 'them'}: ${out
              .map(nameOf)
              .join(
                ', ',
              )}. ${out.length === 1 ? 'It is listed here afterwards, with a button.' : 'They are listed here afterwards, each with a button.'}`
          : 'No published release holds it.'}
      </li>
      <li>
        Nothing is erased by this alone. If the family asks for it, erase the infant from the store
        afterwards, on this page.
      </li>
    </ul>
  );
}

interface WithdrawConsentProps {
  data: InfantConsents;
  open: boolean;
  onClose: () => void;
}

/** Notes that a family took its consent back, and says beforehand what follows. */
export function WithdrawConsent({ data, open, onClose }: WithdrawConsentProps) {
  const [signed, setSigned] = useState(unsigned);
  const note = useNoteConsent(data.infant.id);
  const close = () => {
    note.reset();
    onClose();
  };
  const withdraw = () =>
    note.mutate(
      {
        scope: 'none',
        given_on: signed.givenOn,
        document: signed.document,
        note: signed.note.trim() || null,
      },
      {
        onSuccess: () => {
          toast.ok(`The withdrawal of ${data.infant.pseudonym} was noted`);
          close();
        },
      },
    );
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => (next ? undefined : close())}
      title={`Take back the consent of ${data.infant.pseudonym}?`}
      width={560}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            variant="danger"
            busy={note.isPending}
            disabled={!signed.document.trim() || !signed.givenOn}
            onClick={withdraw}
          >
            Take consent back
          </Button>
        </>
      }
    >
      <Consequences data={data} />
      <div className={css.pair}>
        <SignedFields signed={signed} onChange={setSigned} />
      </div>
      {note.error ? <Notice tone="error">{errorMessage(note.error)}</Notice> : null}
    </Dialog>
  );
}
