import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { DropZone } from '@/features/uploads/DropZone';
import { addFile, forgetFiles, removeFile, useUploads } from '@/features/uploads/store';
import { count, formatNumber } from '@/shared/lib/format';
import {
  Button,
  Cell,
  Dialog,
  ErrorState,
  Field,
  HeadCell,
  IconButton,
  Notice,
  NumberField,
  Select,
  SkeletonRows,
  Table,
  toast,
} from '@/shared/ui';
import type { ScansOfRecording } from './bodies/types';
import css from './Dialogs.module.css';
import { scansQuery, useAddScans, useRemoveScans } from './queries';

/** Point clouds and depth images of a recording: which are there, and more of them. */
export function ScansDialog({
  recordingId,
  onClose,
}: {
  recordingId: number;
  onClose: () => void;
}) {
  const { data, error, refetch } = useQuery(scansQuery(recordingId));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [camera, setCamera] = useState('');
  const [unit, setUnit] = useState('1');
  const items = useUploads((s) => s.items);
  const add = useAddScans(recordingId);
  const files = chosen.flatMap((key) => items[key] ?? []);
  const arrived = files.flatMap((item) => item.uploadId ?? []);
  const depth = files.some((item) => item.file.name.toLowerCase().endsWith('.png'));
  const step = Number(unit);
  const wrongUnit = depth && !(step > 0 && step <= 1000);
  const cameraId = camera ? Number(camera) : null;
  const leave = () => {
    for (const key of chosen) removeFile(key);
    onClose();
  };
  const submit = () =>
    add.mutate(
      {
        upload_ids: arrived,
        camera_id: cameraId,
        depth_unit_mm: depth ? step : 1,
      },
      {
        onSuccess: ({ added, unchanged }) => {
          forgetFiles(chosen);
          setChosen([]);
          toast.ok(
            `${count(added.length, 'scan')} attached${unchanged ? `; ${unchanged} were there already` : ''}`,
          );
        },
        onError: (problem) => toast.error('The scans were not accepted', problem),
      },
    );
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) leave();
      }}
      title="Scans"
      description="Point clouds and depth images pull the fitted surface to where it really is. Fits made before they came go out of date."
      width={600}
      footer={
        <>
          <Button onClick={leave}>Close</Button>
          <Button
            variant="primary"
            disabled={!files.length || arrived.length < files.length || wrongUnit}
            busy={add.isPending}
            onClick={submit}
          >
            Attach
          </Button>
        </>
      }
    >
      <div className={css.form}>
        {data ? (
          <Attached recordingId={recordingId} data={data} />
        ) : error ? (
          <ErrorState
            title="The scans could not be loaded"
            error={error}
            onRetry={() => void refetch()}
          />
        ) : (
          <SkeletonRows rows={2} height={32} />
        )}
        <DropZone
          label="Choose files"
          hint="Clouds (.ply, .npz, .npy; metres of the calibration’s world) or 16-bit depth images (.png). The last digits of a name are its frame number."
          accept=".ply,.npz,.npy,.png"
          multiple
          onFiles={(more) => setChosen((now) => [...now, ...more.map(addFile)])}
        />
        {files.length ? (
          <Chosen
            arrived={arrived.length}
            failed={files.flatMap((item) => (item.error ? `${item.file.name}: ${item.error}` : []))}
            total={files.length}
            onClear={() => {
              for (const key of chosen) removeFile(key);
              setChosen([]);
            }}
          />
        ) : null}
        <Field
          label="Camera"
          help={
            depth
              ? 'Whose depth it is. Its calibration must be known.'
              : 'Whose frame numbers the names carry.'
          }
        >
          {(control) => (
            <Select {...control} value={camera} onChange={(e) => setCamera(e.target.value)}>
              <option value="">The first camera</option>
              {data?.cameras.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {depth ? (
          <NumberField
            label="Millimetres of one step"
            help="Of depth images; most depth cameras write 1."
            error={wrongUnit ? 'A number above 0, at most 1,000.' : null}
            value={unit}
            step="any"
            min={0}
            onChange={setUnit}
          />
        ) : null}
      </div>
    </Dialog>
  );
}

function Chosen({
  arrived,
  failed,
  total,
  onClear,
}: {
  arrived: number;
  failed: readonly string[];
  total: number;
  onClear: () => void;
}) {
  return (
    <div className={css.chosen}>
      <span role="status">
        {count(total, 'file')} chosen, {formatNumber(arrived)} arrived
      </span>
      <Button size="sm" variant="ghost" onClick={onClear}>
        Leave out
      </Button>
      {failed.length ? <Notice tone="error">{failed.slice(0, 3).join(' ')}</Notice> : null}
    </div>
  );
}

function Attached({ recordingId, data }: { recordingId: number; data: ScansOfRecording }) {
  const remove = useRemoveScans(recordingId);
  if (!data.scans.length) return <p className={css.quiet}>No scan is attached yet.</p>;
  const lost = data.scans.filter((scan) => scan.moment_id === null).length;
  return (
    <>
      <p className={css.quiet}>
        {formatNumber(data.moments_with_scan)} of {count(data.moments, 'moment')} have a scan.
        {lost ? ` ${count(lost, 'scan')} belong to frames that are not in the recording.` : ''}
      </p>
      <Table>
        <thead>
          <tr>
            <HeadCell>Camera</HeadCell>
            <HeadCell numeric>Clouds</HeadCell>
            <HeadCell numeric>Depth images</HeadCell>
            <HeadCell>
              <span className="visually-hidden">Remove</span>
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {data.cameras.flatMap((camera) => {
            const its = data.scans.filter((scan) => scan.camera_id === camera.id);
            const depths = its.filter((scan) => scan.kind === 'depth').length;
            return its.length ? (
              <tr key={camera.id}>
                <td>{camera.name}</td>
                <Cell numeric>{formatNumber(its.length - depths)}</Cell>
                <Cell numeric>{formatNumber(depths)}</Cell>
                <td>
                  <IconButton
                    label={`Remove the scans of ${camera.name}`}
                    size="sm"
                    disabled={remove.isPending}
                    onClick={() =>
                      remove.mutate(camera.id, {
                        onSuccess: () => toast.ok(`Scans of ${camera.name} removed`),
                        onError: (problem) =>
                          toast.error('The scans could not be removed', problem),
                      })
                    }
                  >
                    <Trash2 size={14} />
                  </IconButton>
                </td>
              </tr>
            ) : (
              []
            );
          })}
        </tbody>
      </Table>
    </>
  );
}
