import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { FitsOfRecording } from '@/features/fits/bodies/types';
import { FITS_FILES, type FitsFile } from '@/shared/api/fitFiles';
import { count } from '@/shared/lib/format';
import { Button, Dialog, Field, Notice, Select, toast } from '@/shared/ui';
import css from './Dialogs.module.css';
import { useExportFits } from './queries';

interface ExportDialogProps {
  recordingId: number;
  data: FitsOfRecording;
  onClose: () => void;
}

/** Which fits are written, and as what. The file is fetched from the page Exports. */
export function ExportDialog({ recordingId, data, onClose }: ExportDialogProps) {
  const navigate = useNavigate();
  const create = useExportFits();
  const current = data.fits.filter((f) => !f.stale);
  const verified = current.filter((f) => f.status === 'verified').length;
  const [everything, setEverything] = useState(!verified);
  const [format, setFormat] = useState<FitsFile>('fits');
  const chosen = FITS_FILES.find((kind) => kind.value === format);
  const write = () =>
    create.mutate(
      { recordingIds: [recordingId], includeUnverified: everything, format },
      {
        onSuccess: () => {
          onClose();
          toast.ok('The fits are being written', {
            action: { label: 'Show exports', perform: () => void navigate({ to: '/exports' }) },
          });
        },
        onError: (error) => toast.error('The export could not be started', error),
      },
    );
  const choices = [
    {
      all: false,
      label: `The ${count(verified, 'verified fit')}`,
      help: 'what inspectors approved, and nothing else',
      many: verified,
    },
    {
      all: true,
      label: `${count(current.length, 'fit')}, judged or not`,
      help: 'each with its verdict; none that is out of date',
      many: current.length,
    },
  ];
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Export fits"
      description="A job writes the file; it is fetched from the page Exports."
      width={520}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={create.isPending}
            disabled={!(everything ? current.length : verified)}
            onClick={write}
          >
            Export
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <Field label="Format" help={chosen?.help}>
          {(control) => (
            <Select
              {...control}
              value={format}
              onChange={(event) => setFormat(event.target.value as FitsFile)}
            >
              {FITS_FILES.map((kind) => (
                <option key={kind.value} value={kind.value}>
                  {kind.label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <fieldset className={css.choices}>
          <legend>Fits</legend>
          {choices.map(({ all, label, help, many }) => (
            <label key={label}>
              <input
                type="radio"
                name="which"
                checked={everything === all}
                disabled={!many}
                onChange={() => setEverything(all)}
              />
              {label}
              <span>{help}</span>
            </label>
          ))}
        </fieldset>
        {format === 'fits' ? null : (
          <Notice>
            Where moments were fitted together, what each gave for itself is written beside it.
            Hands, feet and toes are the body’s prior only: nothing in the pictures tells of them.
          </Notice>
        )}
      </div>
    </Dialog>
  );
}
