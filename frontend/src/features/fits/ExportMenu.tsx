import { useNavigate } from '@tanstack/react-router';
import { Download, FileArchive, List } from 'lucide-react';
import type { FitsOfRecording } from '@/features/fits/bodies/types';
import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { count } from '@/shared/lib/format';
import { Button, Menu, MenuItem, MenuSeparator, toast } from '@/shared/ui';
import { useExportFits } from './queries';

/** Writes the recording's fits into one file; it is fetched from the page Exports. */
export function ExportMenu({ recordingId, data }: { recordingId: number; data: FitsOfRecording }) {
  const me = useMe();
  const navigate = useNavigate();
  const create = useExportFits();
  const current = data.fits.filter((f) => !f.stale);
  const verified = current.filter((f) => f.status === 'verified').length;
  const open = () => void navigate({ to: '/exports' });
  const write = (includeUnverified: boolean) =>
    create.mutate(
      { recordingIds: [recordingId], includeUnverified },
      {
        onSuccess: () =>
          toast.ok('The fits are being written', {
            action: { label: 'Show exports', perform: open },
          }),
        onError: (error) => toast.error('The export could not be started', error),
      },
    );
  const mayExport = isMaintainer(me);
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={<Download size={14} aria-hidden />} busy={create.isPending}>
          Export fits (.npz)
        </Button>
      }
    >
      <MenuItem
        icon={<FileArchive size={14} />}
        disabled={!mayExport || !verified}
        hint={
          mayExport ? 'What inspectors approved, and nothing else' : 'Maintainers write exports'
        }
        onSelect={() => write(false)}
      >
        {count(verified, 'verified fit')}
      </MenuItem>
      <MenuItem
        icon={<FileArchive size={14} />}
        disabled={!mayExport || !current.length}
        hint="Each with its verdict, rejected ones too; none that is out of date"
        onSelect={() => write(true)}
      >
        {count(current.length, 'fit')}, judged or not
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={<List size={14} />} onSelect={open}>
        Exports
      </MenuItem>
    </Menu>
  );
}
