import { type ReactNode, useState } from 'react';
import { MAX_NOTE_LENGTH } from '@/shared/domain/rules.gen';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Field, Textarea } from './Field';

interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  /** Words on the button: the act itself, never "OK". */
  confirm: string;
  danger?: boolean;
  busy?: boolean;
  /** Something in the dialog is still to be chosen. */
  disabled?: boolean;
  /** Asks for a note with the act. */
  note?: { label: string; help?: string; required?: boolean };
  children?: ReactNode;
  onConfirm: (note: string | undefined) => void;
}

/** Asks once before an act that others notice or that cannot be taken back. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  description,
  confirm,
  danger,
  busy,
  disabled = false,
  note,
  children,
  onConfirm,
}: ConfirmDialogProps) {
  const [text, setText] = useState('');
  const missing = note?.required === true && !text.trim();
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) setText('');
        onOpenChange(next);
      }}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            variant={danger ? 'danger' : 'primary'}
            busy={busy}
            disabled={missing || disabled}
            onClick={() => onConfirm(text.trim() || undefined)}
          >
            {confirm}
          </Button>
        </>
      }
    >
      {children}
      {note ? (
        <Field label={note.label} help={note.help} optional={!note.required}>
          {(control) => (
            <Textarea
              {...control}
              rows={3}
              maxLength={MAX_NOTE_LENGTH}
              value={text}
              onChange={(e) => setText(e.target.value)}
            />
          )}
        </Field>
      ) : null}
    </Dialog>
  );
}
