import { useState } from 'react';
import { DropZone } from '@/features/uploads/DropZone';
import { remembered } from '@/features/uploads/memory';
import { addFile, removeFile, useUploads } from '@/features/uploads/store';
import { UploadLine } from '@/features/uploads/UploadLine';
import { MAX_PSEUDONYM_LENGTH } from '@/shared/domain/rules.gen';
import { formatBytes } from '@/shared/lib/format';
import { Input, Notice } from '@/shared/ui';
import { cameraName, type Draft, type Faults, stem } from './draft';
import css from './ImportPage.module.css';

interface FilesProps {
  draft: Draft;
  faults: Faults;
  onChange: (next: Partial<Draft>) => void;
}

const VIDEO_TYPES = 'video/*,.mkv,.avi,.mts,.m2ts';
const IMAGE_TYPES = 'image/*,.zip';
const MOST_LINES = 8;

/** Uploads of an earlier visit that wait for their file. */
function Unfinished() {
  const [earlier] = useState(() => remembered());
  const items = useUploads((s) => s.items);
  const here = new Set(Object.values(items).map((i) => `${i.file.name} ${i.file.size}`));
  const waiting = earlier.filter((u) => !here.has(`${u.filename} ${u.size}`));
  if (!waiting.length) return null;
  const names = waiting.slice(0, 3).map((u) => `${u.filename} (${formatBytes(u.size)})`);
  const rest = waiting.length - names.length;
  return (
    <Notice>
      You began to send {names.join(', ')}
      {rest > 0 ? ` and ${rest} more` : ''}. Choose the same {waiting.length > 1 ? 'files' : 'file'}{' '}
      again, and sending goes on where it stopped.
    </Notice>
  );
}

function Videos({ draft, faults, onChange }: FilesProps) {
  const add = (files: File[]) => {
    const cameras = [...draft.cameras];
    for (const file of files) {
      const name = cameraName(
        file.name,
        cameras.map((c) => c.name),
      );
      cameras.push({ name, file: addFile(file) });
    }
    const first = files[0];
    onChange({ cameras, ...(draft.name || !first ? {} : { name: stem(first.name) }) });
  };
  return (
    <>
      <DropZone
        label="Choose videos"
        hint="One per camera. MP4, MOV, MKV, AVI, WebM."
        accept={VIDEO_TYPES}
        multiple
        fault={faults.files}
        onFiles={add}
      />
      {draft.cameras.length ? (
        <ul className={css.files}>
          {draft.cameras.map((camera, index) => (
            <UploadLine
              key={camera.file}
              fileKey={camera.file}
              onRemove={() => {
                removeFile(camera.file);
                onChange({ cameras: draft.cameras.filter((c) => c !== camera) });
              }}
            >
              <div className={css.camera}>
                <span aria-hidden>Camera</span>
                <Input
                  maxLength={MAX_PSEUDONYM_LENGTH}
                  aria-label={`Name of camera ${index + 1}`}
                  value={camera.name}
                  onChange={(e) =>
                    onChange({
                      cameras: draft.cameras.map((c) =>
                        c === camera ? { ...c, name: e.target.value } : c,
                      ),
                    })
                  }
                />
              </div>
            </UploadLine>
          ))}
        </ul>
      ) : null}
      {faults.cameras ? <p className={css.fault}>{faults.cameras}</p> : null}
      {draft.cameras.length > 1 ? (
        <Notice>
          First frames are taken as one instant. If the cameras started one after the other, compare
          their clocks under Sync once the recording is here, before anybody annotates.
        </Notice>
      ) : null}
    </>
  );
}

function ImagesList({ draft, faults, onChange }: FilesProps) {
  const add = (files: File[]) => {
    const images = [...draft.images, ...files.map(addFile)];
    const first = files[0];
    onChange({ images, ...(draft.name || !first ? {} : { name: stem(first.name) }) });
  };
  const rest = draft.images.length - MOST_LINES;
  return (
    <>
      <DropZone
        label="Choose images or a zip"
        hint="JPEG, PNG, WebP. A zip is quicker than thousands of files. Frames are ordered by name."
        accept={IMAGE_TYPES}
        multiple
        fault={faults.files}
        onFiles={add}
      />
      {draft.images.length ? (
        <ul className={css.files}>
          {draft.images.slice(0, MOST_LINES).map((key) => (
            <UploadLine
              key={key}
              fileKey={key}
              onRemove={() => {
                removeFile(key);
                onChange({ images: draft.images.filter((k) => k !== key) });
              }}
            />
          ))}
        </ul>
      ) : null}
      {rest > 0 ? <p className={css.help}>and {rest} more</p> : null}
    </>
  );
}

function CocoFile({ draft, faults, onChange }: FilesProps) {
  const coco = draft.coco;
  return coco ? (
    <ul className={css.files}>
      <UploadLine
        fileKey={coco}
        onRemove={() => {
          removeFile(coco);
          onChange({ coco: null });
        }}
      />
    </ul>
  ) : (
    <DropZone
      label="Choose the COCO file"
      hint="A .json file with 17 keypoints per person, whose file names are those of the images."
      accept="application/json,.json"
      fault={faults.coco}
      onFiles={([file]) => {
        if (file) onChange({ coco: addFile(file) });
      }}
    />
  );
}

export function FilesSection(props: FilesProps) {
  const { kind } = props.draft;
  return (
    <div className={css.stack}>
      <Unfinished />
      {kind === 'video' ? <Videos {...props} /> : null}
      {kind === 'coco' ? <CocoFile {...props} /> : null}
      {kind === 'video' ? null : <ImagesList {...props} />}
    </div>
  );
}
