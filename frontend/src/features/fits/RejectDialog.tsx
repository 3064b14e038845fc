import { useState } from 'react';
import type { FitRejection } from '@/features/fits/bodies/types';
import { MAX_REASON_LENGTH } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import { Button, Dialog, Field, Kbd, Textarea } from '@/shared/ui';
import css from './Dialogs.module.css';
import type { Verdicts } from './useVerdicts';
import { useWorkbench } from './workbench';

/** Why fits are rejected: one key per reason; *other* needs words. */
export function RejectDialog({ verdicts }: { verdicts: Verdicts }) {
  const { defaults } = useWorkbench();
  const [other, setOther] = useState(false);
  const [text, setText] = useState('');
  const { selected, busy, rejectFor, stopRejecting } = verdicts;
  const choose = (value: string) => {
    if (value === 'other') setOther(true);
    else rejectFor(value as FitRejection, text.trim() || undefined);
  };
  const title =
    selected.length === 1 ? 'Reject this fit' : `Reject ${count(selected.length, 'fit')}`;
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) stopRejecting();
      }}
      title={title}
      description="Rejected fits stay, with their reason, and are marked in exports."
      width={400}
      footer={
        other ? (
          <>
            <Button onClick={() => setOther(false)}>Back</Button>
            <Button
              variant="danger"
              busy={busy}
              disabled={!text.trim()}
              onClick={() => rejectFor('other', text.trim())}
            >
              Reject
            </Button>
          </>
        ) : undefined
      }
    >
      {other ? (
        <Field label="What is wrong with it?">
          {(control) => (
            <Textarea
              {...control}
              rows={3}
              maxLength={MAX_REASON_LENGTH}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      ) : (
        <ul
          className={css.reasons}
          onKeyDown={(event) => {
            const reason = defaults.rejections[Number(event.key) - 1];
            if (reason && !busy) choose(reason.value);
          }}
        >
          {defaults.rejections.map(({ value, label }, i) => (
            <li key={value}>
              <button
                type="button"
                // biome-ignore lint/a11y/noAutofocus: the dialog was asked for to choose a reason
                autoFocus={i === 0}
                disabled={busy}
                onClick={() => choose(value)}
              >
                {label}
                {value === 'other' ? '…' : ''}
                <Kbd>{i + 1}</Kbd>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
