import { useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import { ConfirmDialog } from './ConfirmDialog';
import { Checkbox } from './Field';
import { Notice } from './States';
import css from './WithdrawDialog.module.css';

interface WithdrawDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Dataset and version. */
  name: string;
  busy: boolean;
  error: unknown;
  /** Whether the files are to go as well, unless that is changed. */
  withFiles?: boolean;
  onConfirm: (asked: { why: string; removeFiles: boolean }) => void;
}

/** Asks before a published release is taken back, and whether its files leave the store. */
export function WithdrawDialog(props: WithdrawDialogProps) {
  const { open, onOpenChange, name, busy, error, withFiles = false, onConfirm } = props;
  const [removeFiles, setRemoveFiles] = useState(withFiles);
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Withdraw ${name}?`}
      description="Its files are no longer given out. Its version, its record, and the list of its frames and files with their hashes stay. This cannot be taken back."
      confirm={removeFiles ? 'Withdraw and remove files' : 'Withdraw release'}
      danger
      busy={busy}
      note={{ label: 'Reason', help: 'Those who have the files will read it.', required: true }}
      onConfirm={(why) => onConfirm({ why: why ?? '', removeFiles })}
    >
      <div className={css.choice}>
        <Checkbox
          checked={removeFiles}
          onChange={setRemoveFiles}
          label="Remove its files from the store as well"
          help="Annotations, images and all else that was written for it. Copies that others downloaded are out of reach."
        />
        {error ? <Notice tone="error">{errorMessage(error)}</Notice> : null}
      </div>
    </ConfirmDialog>
  );
}
