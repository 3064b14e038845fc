import { useQuery } from '@tanstack/react-query';
import type { Camera } from '@/shared/api/types';
import { ConfirmDialog, Notice } from '@/shared/ui';
import { type Clocks, signedMs, ZERO } from './clocks';
import { syncPlanQuery } from './queries';
import css from './SyncPage.module.css';

interface ApplyDialogProps {
  recordingId: number;
  cameras: readonly Camera[];
  clocks: Clocks;
  busy: boolean;
  onClose: () => void;
  onApply: () => void;
}

/** Says what applying does to the frames before it is done. */
export function ApplyDialog(props: ApplyDialogProps) {
  const { recordingId, cameras, clocks, busy, onClose, onApply } = props;
  const { data: plan } = useQuery({ ...syncPlanQuery(recordingId), staleTime: 0 });
  const anew = plan?.how === 'extracted';
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={anew ? 'Extract the frames again, at the same times?' : 'Pair the frames again?'}
      confirm={anew ? 'Extract frames again' : 'Pair frames'}
      busy={busy || !plan}
      onConfirm={onApply}
    >
      <div className={css.dialog}>
        <dl className={css.offsets}>
          {cameras.map((camera) => (
            <div key={camera.id}>
              <dt>{camera.name}</dt>
              <dd>{signedMs((clocks[camera.id] ?? ZERO).offsetMs)}</dd>
            </div>
          ))}
        </dl>
        <p>{plan?.why ?? 'Looking at the recording…'}</p>
        {anew ? (
          <Notice>
            It runs as a job. Until it has finished, everything stays as it is; if somebody begins
            to annotate meanwhile, it stops and changes nothing.
          </Notice>
        ) : null}
      </div>
    </ConfirmDialog>
  );
}
