import { Download, Ellipsis, Eye, Pin, PinOff, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Calibration } from '@/shared/api/types';
import { count, formatDateTime, formatRelative } from '@/shared/lib/format';
import {
  Badge,
  Cell,
  ConfirmDialog,
  Dialog,
  HeadCell,
  IconButton,
  Menu,
  MenuItem,
  Table,
  toast,
} from '@/shared/ui';
import css from './CamerasPage.module.css';
import type { NamedCamera } from './distribute';
import { LensResults } from './LensResults';
import { PlaceResults } from './PlaceResults';
import { calibrationFileUrl, useChooseCalibration, useDeleteCalibration } from './queries';
import { lensReport, ORIGIN_LABELS, PHASE_LABELS, standOf } from './state';
import own from './Versions.module.css';
import { px } from './words';

interface VersionsProps {
  recordingId: number;
  cameras: readonly NamedCamera[];
  versions: readonly Calibration[];
  mayChange: boolean;
}

function download(version: Calibration): void {
  window.location.assign(calibrationFileUrl(version.id));
}

function worstRms(version: Calibration): string {
  // Exact cameras of rendered recordings were never measured: they have no error, or one of zero.
  const known = version.cameras.flatMap((c) => c.rms_px || []);
  return known.length ? px(Math.max(...known)) : '–';
}

/** Every calibration that was made; none is ever changed. */
export function Versions({ recordingId, cameras, versions, mayChange }: VersionsProps) {
  const choose = useChooseCalibration(recordingId);
  const remove = useDeleteCalibration();
  const [shown, setShown] = useState<Calibration | null>(null);
  const [doomed, setDoomed] = useState<Calibration | null>(null);
  const use = (version: Calibration | null) =>
    choose.mutate(version?.id ?? null, {
      onSuccess: () =>
        toast.ok(version ? `Version ${version.version} is in use` : 'No version is in use'),
      onError: (error) => toast.error('The version could not be chosen', error),
    });
  const byNumber = [...versions].sort((a, b) => b.version - a.version);
  return (
    <section className={own.versions} aria-label="Versions">
      <h2>Versions</h2>
      <Table aria-label="Versions">
        <thead>
          <tr>
            <HeadCell>Version</HeadCell>
            <HeadCell>Contains</HeadCell>
            <HeadCell>From</HeadCell>
            <HeadCell>Filmed</HeadCell>
            <HeadCell numeric>Worst error</HeadCell>
            <HeadCell>Made</HeadCell>
            <HeadCell>By</HeadCell>
            <HeadCell>
              <span className="visually-hidden">Actions</span>
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {byNumber.map((version) => {
            const stand = standOf(version, cameras);
            const based = versions.find((v) => v.id === version.based_on_id);
            return (
              <tr key={version.id}>
                <td>
                  <span className={own.name}>
                    <button
                      type="button"
                      className={css.link}
                      aria-label={`Show version ${version.version}`}
                      onClick={() => setShown(version)}
                    >
                      Version {version.version}
                    </button>
                    {version.in_use ? <Badge tone="ok">In use</Badge> : null}
                  </span>
                </td>
                <Cell>
                  {count(stand.lenses, 'lens', 'lenses')}
                  {stand.placed ? `, ${count(stand.placed, 'place')}` : ''}
                </Cell>
                <Cell>
                  {ORIGIN_LABELS[version.origin] ?? version.origin}
                  {based ? <span className={own.quiet}> on version {based.version}</span> : null}
                </Cell>
                <Cell>{PHASE_LABELS[version.phase]}</Cell>
                <Cell numeric>{worstRms(version)}</Cell>
                <Cell quiet title={formatDateTime(version.created_at)}>
                  {formatRelative(version.created_at)}
                </Cell>
                <Cell>{version.created_by?.name ?? 'InfantNet'}</Cell>
                <td className={own.actions}>
                  <Menu
                    align="end"
                    label={`Version ${version.version}`}
                    trigger={
                      <IconButton label={`More for version ${version.version}`} size="sm">
                        <Ellipsis size={16} />
                      </IconButton>
                    }
                  >
                    <MenuItem icon={<Eye size={14} />} onSelect={() => setShown(version)}>
                      Show
                    </MenuItem>
                    <MenuItem icon={<Download size={14} />} onSelect={() => download(version)}>
                      Download TOML
                    </MenuItem>
                    {mayChange ? (
                      <>
                        {version.in_use ? (
                          <MenuItem icon={<PinOff size={14} />} onSelect={() => use(null)}>
                            Stop using it
                          </MenuItem>
                        ) : (
                          <MenuItem
                            icon={<Pin size={14} />}
                            disabled={!version.placed}
                            hint={version.placed ? undefined : 'Its cameras have no place yet'}
                            onSelect={() => use(version)}
                          >
                            Use this one
                          </MenuItem>
                        )}
                        <MenuItem
                          icon={<Trash2 size={14} />}
                          danger
                          disabled={version.in_use}
                          hint={version.in_use ? 'It is in use' : undefined}
                          onSelect={() => setDoomed(version)}
                        >
                          Delete
                        </MenuItem>
                      </>
                    ) : null}
                  </Menu>
                </td>
              </tr>
            );
          })}
        </tbody>
      </Table>
      {shown ? (
        <VersionDialog
          version={shown}
          versions={versions}
          cameras={cameras}
          onClose={() => setShown(null)}
        />
      ) : null}
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={(open) => open || setDoomed(null)}
        title={`Delete version ${doomed?.version}?`}
        description="Its cameras, its report and its pictures are gone for good. A version that a body fit was made with is kept."
        confirm="Delete"
        danger
        busy={remove.isPending}
        onConfirm={() =>
          doomed &&
          remove.mutate(doomed.id, {
            onSuccess: () => setDoomed(null),
            onError: (error) => {
              setDoomed(null);
              toast.error('The version could not be deleted', error);
            },
          })
        }
      />
    </section>
  );
}

interface VersionDialogProps {
  version: Calibration;
  versions: readonly Calibration[];
  cameras: readonly NamedCamera[];
  onClose: () => void;
}

function VersionDialog({ version, versions, cameras, onClose }: VersionDialogProps) {
  const lenses = cameras.some((c) => lensReport(version, versions, c.id));
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={`Version ${version.version}`}
      description={version.note ?? undefined}
      width={1100}
    >
      <div className={css.form}>
        {version.placed ? <PlaceResults cameras={cameras} version={version} /> : null}
        {lenses ? <LensResults cameras={cameras} version={version} versions={versions} /> : null}
        {!version.placed && !lenses ? (
          <p className={css.help}>Nothing is known about how it was made.</p>
        ) : null}
      </div>
    </Dialog>
  );
}
