import { Download } from 'lucide-react';
import { useState } from 'react';
import type { FitsOfRecording } from '@/features/fits/bodies/types';
import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { Button } from '@/shared/ui';
import { ExportDialog } from './ExportDialog';

/** Writes the recording's fits into one file; maintainers only. */
export function ExportButton({
  recordingId,
  data,
}: {
  recordingId: number;
  data: FitsOfRecording;
}) {
  const me = useMe();
  const [open, setOpen] = useState(false);
  const some = data.fits.some((f) => !f.stale);
  const why = !isMaintainer(me)
    ? 'Maintainers write exports'
    : some
      ? undefined
      : 'No fit is up to date';
  return (
    <>
      <Button
        icon={<Download size={14} aria-hidden />}
        disabled={why !== undefined}
        title={why}
        onClick={() => setOpen(true)}
      >
        Export fits
      </Button>
      {open ? (
        <ExportDialog recordingId={recordingId} data={data} onClose={() => setOpen(false)} />
      ) : null}
    </>
  );
}
