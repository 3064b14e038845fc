import { errorMessage } from '@/shared/api/problem';
import { ConfirmDialog } from './ConfirmDialog';
import { Notice } from './States';

interface RemoveFilesDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Of the release. */
  name: string;
  busy: boolean;
  error: Error | null;
  onConfirm: () => void;
}

/** Asks once before the files of a withdrawn release leave the store. */
export function RemoveFilesDialog({ name, error, ...rest }: RemoveFilesDialogProps) {
  return (
    <ConfirmDialog
      {...rest}
      title={`Remove the files of ${name}?`}
      description="Annotations, images and all else that was written for it leave the store. Its record and the list of its files with their hashes stay. This cannot be taken back."
      confirm="Remove files"
      danger
    >
      {error ? <Notice tone="error">{errorMessage(error)}</Notice> : null}
    </ConfirmDialog>
  );
}
