import { useState } from 'react';
import { DropZone } from '@/features/uploads/DropZone';
import { addFile, removeFile } from '@/features/uploads/store';
import { UploadLine } from '@/features/uploads/UploadLine';
import { Cell, Field, HeadCell, Input, Select, Table } from '@/shared/ui';
import css from './CamerasPage.module.css';
import { FormFooter } from './FormFooter';
import { matchNames, namesIn } from './fileNames';
import type { PlaceFormProps } from './placeForm';
import type { LengthUnit } from './queries';
import { useCalibrationForm } from './useCalibrationForm';

interface Chosen {
  key: string;
  names: string[];
}

/** Lenses and places from a file of another program; who is who can be corrected. */
export function ImportPlace({
  recordingId,
  cameras,
  phase,
  onDone,
  onClose,
}: Omit<PlaceFormProps, 'base'>) {
  const [files, setFiles] = useState<Chosen[]>([]);
  const [matches, setMatches] = useState<Record<number, string>>({});
  const [units, setUnits] = useState<LengthUnit>('auto');
  const [tried, setTried] = useState(false);
  const names = files.flatMap((file) => file.names);

  const rematch = (next: Chosen[]) => {
    setFiles(next);
    setMatches(
      matchNames(
        cameras,
        next.flatMap((file) => file.names),
      ),
    );
  };
  const add = async (list: File[]) => {
    const read = await Promise.all(
      list.map(async (file) => ({
        key: addFile(file),
        names: namesIn(file.name, await file.slice(0, 2_000_000).text()),
      })),
    );
    rematch([...files, ...read]);
  };

  const used = Object.values(matches).filter(Boolean);
  const twice = used.find((name, i) => used.indexOf(name) !== i);
  const fault = !files.length
    ? 'Choose the file first.'
    : twice
      ? `“${twice}” is assigned to two cameras.`
      : used.length
        ? null
        : 'Say which camera in the file is which.';
  const form = useCalibrationForm({
    recordingId,
    files: files.map((file) => file.key),
    request: (idOf) => ({
      step: 'import',
      phase,
      format: 'auto',
      units,
      upload_ids: files.map((file) => idOf(file.key)),
      cameras: Object.fromEntries(Object.entries(matches).filter(([, name]) => name)),
    }),
    onDone: () => {
      setFiles([]);
      onDone();
    },
  });
  return (
    <>
      <p className={css.help}>
        A file with lenses and places replaces both steps. Lengths are checked: cameras that would
        stand hundreds of metres apart are refused.
      </p>
      <DropZone
        label="Choose the file"
        hint="TOML (aniposelib, caliscope, Pose2Sim), Qualisys or Theia .qca.txt, OpenCV YAML, XML or JSON, Kalibr camchain, COLMAP (cameras and images), EasyMocap (intri and extri), JARVIS. Choose files that belong together at once."
        accept=".toml,.xml,.txt,.yml,.yaml,.json,.bin"
        multiple
        fault={tried && !files.length ? (fault ?? undefined) : undefined}
        onFiles={(list) => void add(list)}
      />
      {files.length ? (
        <ul className={css.uploads}>
          {files.map((file) => (
            <UploadLine
              key={file.key}
              fileKey={file.key}
              onRemove={() => {
                removeFile(file.key);
                rematch(files.filter((f) => f !== file));
              }}
            />
          ))}
        </ul>
      ) : null}
      {files.length ? (
        <div className={css.matching}>
          <Table aria-label="Which camera is which">
            <thead>
              <tr>
                <HeadCell>Camera of this recording</HeadCell>
                <HeadCell>Name in the file</HeadCell>
              </tr>
            </thead>
            <tbody>
              {cameras.map((camera) => {
                const value = matches[camera.id] ?? '';
                const change = (name: string) => setMatches({ ...matches, [camera.id]: name });
                return (
                  <tr key={camera.id}>
                    <Cell>{camera.name}</Cell>
                    <td>
                      {names.length ? (
                        <Select
                          aria-label={`${camera.name} in the file`}
                          value={value}
                          onChange={(e) => change(e.target.value)}
                        >
                          <option value="">not in the file</option>
                          {names.map((name) => (
                            <option key={name}>{name}</option>
                          ))}
                        </Select>
                      ) : (
                        <Input
                          aria-label={`${camera.name} in the file`}
                          value={value}
                          onChange={(e) => change(e.target.value)}
                        />
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </Table>
        </div>
      ) : null}
      {files.length ? (
        <div className={css.short}>
          <Field label="Lengths in the file">
            {(control) => (
              <Select
                {...control}
                value={units}
                onChange={(e) => setUnits(e.target.value as LengthUnit)}
              >
                <option value="auto">As the format defines them; checked</option>
                <option value="m">Metres</option>
                <option value="cm">Centimetres</option>
                <option value="mm">Millimetres</option>
              </Select>
            )}
          </Field>
        </div>
      ) : null}
      <FormFooter
        form={form}
        act="Import cameras"
        fault={tried || twice ? fault : null}
        onStart={() => {
          setTried(true);
          if (!fault) form.start();
        }}
        onCancel={onClose}
      />
    </>
  );
}
