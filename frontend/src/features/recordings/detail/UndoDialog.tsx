import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { errorMessage } from '@/shared/api/problem';
import { undoQuery, useUndoImport } from '@/shared/api/queries/recordings';
import type { RecordingDetail } from '@/shared/api/types';
import { ConfirmDialog, Notice, SkeletonRows, toast } from '@/shared/ui';
import css from './UndoDialog.module.css';

/** Says what undoing an import takes away and what stands against it, and does it. */
export function UndoDialog({
  recording,
  onClose,
}: {
  recording: RecordingDetail;
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const { data, error } = useQuery(undoQuery(recording.id));
  const undo = useUndoImport(recording.id);
  const prevented = (data?.prevents.length ?? 0) > 0;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Undo the import of “${recording.name}”?`}
      description="The recording goes with all that the import and models made of it. It can be imported again from the files on your side; they are not kept here."
      confirm="Undo the import"
      danger
      busy={undo.isPending}
      disabled={!data || prevented}
      onConfirm={() =>
        undo.mutate(undefined, {
          onSuccess: () => {
            toast.ok(`The import of “${recording.name}” is being undone`, {
              action: { label: 'Go to jobs', perform: () => void navigate({ to: '/jobs' }) },
            });
            void navigate({ to: '/recordings' });
          },
        })
      }
    >
      <div className={css.body}>
        {error ? <Notice tone="error">{errorMessage(error)}</Notice> : null}
        {!data && !error ? <SkeletonRows rows={3} height={20} /> : null}
        {data && prevented ? (
          <Notice tone="warn">
            It cannot be undone, because this would be lost or is in the way:
            <ul className={css.list}>
              {data.prevents.map(({ name, text }) => (
                <li key={name}>{text}</li>
              ))}
            </ul>
          </Notice>
        ) : null}
        {data ? (
          <section aria-label="What goes">
            <h3>{prevented ? 'It would take away' : 'This goes'}</h3>
            <ul className={css.list}>
              {data.goes.map(({ name, text }) => (
                <li key={name}>{text}</li>
              ))}
            </ul>
          </section>
        ) : null}
        {undo.error ? <Notice tone="error">{errorMessage(undo.error)}</Notice> : null}
      </div>
    </ConfirmDialog>
  );
}
